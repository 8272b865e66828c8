import { PetsError } from '../domain/errors.ts';
import type { ListeningSocket } from '../domain/host-facts.ts';
import { labelsFor, type Ownership } from '../domain/labels.ts';
import { cleanText } from '../domain/text.ts';
import type { Engine } from '../engine/engine.ts';
import { type Sidecar, startSidecar } from '../engine/sidecar.ts';
import { AGENT_IMAGE } from './agent-image.ts';
import { integerField, parseBody, textField } from './fields.ts';

/** A process of the engine's machine, by its number there. */
export interface PortHolder {
  readonly pid: number;
  readonly name: string;
}

const ANSWER_MS = 5_000;
const MAX_ANSWER_BYTES = 4_096;

/**
 * The process that listens on a socket of an engine's host, as a look tells it; undefined where it cannot be told. It takes a sidecar that may look into the
 * processes of the host, so it is asked only when a conflict is to be named. It leaves nothing behind.
 * @throws INTERRUPTED
 */
export async function findPortHolder(
  engine: Engine,
  { protocol, port, address }: Pick<ListeningSocket, 'protocol' | 'port' | 'address'>,
  ownership: Ownership,
  outer: AbortSignal,
): Promise<PortHolder | undefined> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(ANSWER_MS)]);
  try {
    const labels = labelsFor({ ...ownership, resource: 'sidecar/port-holder' });
    const command = ['/usr/local/bin/node', '/app/port-holder.js', protocol, String(port), address];
    const wish = { image: AGENT_IMAGE, command, networkMode: 'host', labels, seesProcesses: true } as const;
    return readHolder(await readAnswer(await startSidecar(engine, wish, signal), signal));
  } catch (error) {
    // An engine may forbid such a sidecar: then the port is taken all the same, by somebody unnamed.
    if (error instanceof PetsError && !outer.aborted) return undefined;
    if (outer.aborted) throw new PetsError('INTERRUPTED', { message: `${engine.name}: interrupted`, cause: outer.reason });
    throw error;
  }
}

async function readAnswer(sidecar: Sidecar, signal: AbortSignal): Promise<Buffer> {
  const onAbort = () => sidecar.stdout.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  let answer = Buffer.alloc(0);
  try {
    for await (const chunk of sidecar.stdout) {
      answer = Buffer.concat([answer, chunk as Buffer]);
      if (answer.length > MAX_ANSWER_BYTES) break;
    }
    return answer;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await sidecar.stop().catch(() => undefined);
  }
}

function readHolder(answer: Buffer): PortHolder | undefined {
  const body = parseBody(answer);
  if (body.pid === undefined) return undefined;
  return { pid: integerField(body, 'pid', 1, 2 ** 32), name: cleanText(textField(body, 'name', /^/, 255)) };
}
