import { Transform } from 'node:stream';

const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Splits what an engine sends for a container without a terminal (frames of a type byte, three zero bytes, a big-endian length and the
 * payload). Standard output flows on with backpressure; standard error goes to `onStderr`.
 */
export function demultiplex(onStderr: (chunk: Buffer) => void): Transform {
  let header = Buffer.alloc(0);
  let type = 0;
  let remaining = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let rest = chunk;
      while (rest.length > 0) {
        if (remaining === 0) {
          const missing = HEADER_BYTES - header.length;
          header = Buffer.concat([header, rest.subarray(0, missing)]);
          rest = rest.subarray(missing);
          if (header.length < HEADER_BYTES) break;
          type = header.readUInt8(0);
          remaining = header.readUInt32BE(4);
          header = Buffer.alloc(0);
          continue;
        }
        const payload = rest.subarray(0, remaining);
        rest = rest.subarray(payload.length);
        remaining -= payload.length;
        if (type === STDERR) onStderr(payload);
        else this.push(payload);
      }
      done();
    },
  });
}
