import { createSocket } from 'node:dgram';
import { type ProbeResult, UDP_QUESTION, type UdpProbeRequest } from '../../src/agent/protocol.ts';
import { quote } from './probe-tcp.ts';
import { resolveName } from './resolve-name.ts';
import { codeOf, outcomeOf, resolveFailure } from './target-connection.ts';

/** A datagram may be lost on a busy host: it is sent again this often. */
const AGAIN_MS = 150;
const MAX_SHOWN_BYTES = 60;
const TOO_LARGE = 'EMSGSIZE';

/** Asks a listener of ours behind a UDP address from inside this namespace, and tells what came of it. Never rejects. */
export async function probeUdp(request: UdpProbeRequest, signal: AbortSignal): Promise<ProbeResult> {
  const startedAt = performance.now();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(request.timeoutMs)]);
  const sinceStart = () => Math.round((performance.now() - startedAt) * 1000) / 1000;
  const unmeasured = { connectMs: 0, answerMs: 0 };
  try {
    const { address, family } = await resolveName(request.host);
    const resolveMs = sinceStart();
    const answer = await ask({ address, family, ...request }, limit);
    return { phase: 'answer', address, resolveMs, connectMs: 0, answerMs: sinceStart() - resolveMs, ...answer };
  } catch (error) {
    return { phase: 'resolve', resolveMs: sinceStart(), ...unmeasured, ...resolveFailure(codeOf(error)) };
  }
}

type Answer = Pick<ProbeResult, 'outcome' | 'detail'>;

function ask(
  { address, family, port, nonce, payloadBytes }: UdpProbeRequest & { readonly address: string; readonly family: 4 | 6 },
  limit: AbortSignal,
): Promise<Answer> {
  const question = Buffer.alloc(payloadBytes ?? UDP_QUESTION.length, '.');
  question.write(UDP_QUESTION);
  return new Promise((resolve) => {
    const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
    const send = () => socket.send(question, (error) => error !== null && onError(error));
    let again: NodeJS.Timeout | undefined;
    let settled = false;
    let tooLarge = '';
    const settle = (answer: Answer) => {
      if (settled) return;
      settled = true;
      clearInterval(again);
      limit.removeEventListener('abort', onLimit);
      socket.close();
      resolve(answer);
    };
    const onLimit = () => settle({ outcome: 'timed-out', detail: tooLarge === '' ? 'no answer' : tooLarge });
    const onError = (error: Error) => {
      const code = codeOf(error);
      // A router said that its way takes smaller packets only: the kernel knows that now, and sends the next ones in pieces.
      if (code === TOO_LARGE) tooLarge = code;
      else settle({ outcome: outcomeOf(code), detail: code });
    };
    limit.addEventListener('abort', onLimit, { once: true });
    socket.on('error', onError);
    socket.on('message', (message) => {
      const said = message.toString('latin1');
      if (said === `${nonce} ${question.length}`) settle({ outcome: 'answered', detail: tooLarge });
      else settle({ outcome: 'stranger', detail: quote(said.slice(0, MAX_SHOWN_BYTES)) });
    });
    // A connected socket hears only its target, and is told when nobody listens there.
    socket.once('connect', () => {
      again = setInterval(send, AGAIN_MS);
      send();
    });
    if (limit.aborted) return onLimit();
    socket.connect(port, address);
  });
}
