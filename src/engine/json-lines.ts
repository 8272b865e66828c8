import type { Readable } from 'node:stream';

/** Longer than any event or progress message of an engine. */
const MAX_LINE_LENGTH = 1_000_000;

/** The JSON values of a stream that holds one a line, as builds, pulls and events do. */
export async function* readJsonLines<Value>(stream: Readable): AsyncGenerator<Value> {
  stream.setEncoding('utf8');
  let buffered = '';
  for await (const chunk of stream) {
    buffered += chunk;
    const lines = buffered.split('\n');
    buffered = lines.pop() ?? '';
    if (buffered.length > MAX_LINE_LENGTH) throw new Error('the engine sent a line that does not end');
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as Value;
  }
  if (buffered.trim() !== '') yield JSON.parse(buffered) as Value;
}
