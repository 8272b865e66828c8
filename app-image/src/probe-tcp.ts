import type { Socket } from 'node:net';
import type { Ask, ProbeResult, TcpProbeRequest } from '../../src/agent/protocol.ts';
import { codeOf, connectTo, NotReached, outcomeOf } from './target-connection.ts';

/** What the other side's bytes amount to so far; undefined while more are needed. */
type Judgement = (Answer & { readonly outcome: 'answered' | 'stranger' }) | undefined;

interface Question {
  readonly bytes: string;
  readonly maxAnswerBytes?: number;
  judge(answer: string): Judgement;
}

/** Nobody who knows the answer needs more; a stranger may talk without end. */
const MAX_ANSWER_BYTES = 16 * 1024;
/** A database tells a few hundred bytes of each of its clients. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;

/** Asks a TCP target from inside this namespace and tells what came of it. Never rejects. */
export async function probeTcp(request: TcpProbeRequest, signal: AbortSignal): Promise<ProbeResult> {
  const startedAt = performance.now();
  try {
    const { socket, address, resolveMs, connectMs } = await connectTo(request, signal);
    const reached = { address, resolveMs: rounded(resolveMs), connectMs: rounded(connectMs) };
    const question = questionFor(request.ask, request);
    if (question === undefined) {
      socket.destroy();
      return { outcome: 'answered', phase: 'connect', ...reached, answerMs: 0, detail: '' };
    }
    const leftMs = Math.max(1, Math.ceil(request.timeoutMs - (performance.now() - startedAt)));
    const askedAt = performance.now();
    const answer = await askOver(socket, question, AbortSignal.any([signal, AbortSignal.timeout(leftMs)]));
    return { phase: 'answer', ...reached, answerMs: rounded(performance.now() - askedAt), ...answer };
  } catch (error) {
    if (!(error instanceof NotReached)) throw error;
    const { outcome, phase, address, message } = error;
    const measured = { resolveMs: rounded(error.resolveMs), connectMs: rounded(error.connectMs), answerMs: 0 };
    return { outcome, phase, ...(address === undefined ? {} : { address }), ...measured, detail: message };
  }
}

type Answer = Pick<ProbeResult, 'outcome' | 'detail' | 'servedBy' | 'seenAs'>;

function askOver(socket: Socket, question: Question, limit: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    let heard = '';
    const settle = (answer: Answer) => {
      limit.removeEventListener('abort', onLimit);
      socket.destroy();
      resolve(answer);
    };
    const onLimit = () => settle({ outcome: 'timed-out', detail: heard === '' ? 'connected, no answer' : `only ${quote(heard)}` });
    limit.addEventListener('abort', onLimit, { once: true });
    if (limit.aborted) onLimit();
    // latin1 keeps each byte a character, whatever a stranger sends.
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      heard += text;
      const judgement = question.judge(heard);
      if (judgement !== undefined) settle(judgement);
      else if (heard.length > (question.maxAnswerBytes ?? MAX_ANSWER_BYTES)) settle({ outcome: 'stranger', detail: quote(heard) });
    });
    socket.on('end', () =>
      settle(heard === '' ? { outcome: 'reset', detail: 'closed without an answer' } : { outcome: 'stranger', detail: quote(heard) }),
    );
    socket.on('error', (error) => settle({ outcome: outcomeOf(codeOf(error)), detail: codeOf(error) }));
    socket.write(question.bytes);
  });
}

function questionFor(ask: Ask, request: TcpProbeRequest): Question | undefined {
  switch (ask) {
    case 'connect':
      return undefined;
    case 'redis-echo':
      return echoQuestion(request.nonce);
    case 'redis-client-list':
      return clientListQuestion(request.nonce);
    case 'http':
      return httpQuestion(request);
    case 'greeting':
      return greetingQuestion(request.nonce);
    default:
      return ask satisfies never;
  }
}

function echoQuestion(nonce: string): Question {
  const expected = `$${nonce.length}\r\n${nonce}\r\n`;
  return {
    bytes: `*2\r\n$4\r\nECHO\r\n$${nonce.length}\r\n${nonce}\r\n`,
    judge(answer) {
      if (answer === expected) return { outcome: 'answered', detail: '' };
      return expected.startsWith(answer) ? undefined : { outcome: 'stranger', detail: quote(answer) };
    },
  };
}

/** Names this very connection by the nonce, then finds it in the database's own list of clients: whom it sees there is whom it sees in us. */
function clientListQuestion(nonce: string): Question {
  const named = new RegExp(`^id=\\d+ addr=(\\S+):\\d+ .*\\bname=${nonce} `, 'm');
  return {
    bytes: `*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$${nonce.length}\r\n${nonce}\r\n*2\r\n$6\r\nCLIENT\r\n$4\r\nLIST\r\n`,
    maxAnswerBytes: MAX_LIST_BYTES,
    judge(answer) {
      const head = /^\+OK\r\n\$(\d+)\r\n/.exec(answer);
      if (head === null)
        return /^(\+(O(K(\r(\n(\$\d*\r?)?)?)?)?)?)?$/.test(answer) ? undefined : { outcome: 'stranger', detail: quote(answer) };
      if (answer.length < head[0].length + Number(head[1])) return undefined;
      const seenAs = named.exec(answer)?.[1]?.replace(/^\[(.*)\]$/, '$1');
      if (seenAs === undefined) return { outcome: 'stranger', detail: 'it lists no client of our name' };
      return { outcome: 'answered', detail: '', seenAs };
    },
  };
}

function httpQuestion({ host, port, nonce }: TcpProbeRequest): Question {
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    bytes: `GET /livez HTTP/1.1\r\nhost: ${authority}\r\nx-pets-nonce: ${nonce}\r\nconnection: close\r\n\r\n`,
    judge(answer) {
      if (!'HTTP/1.'.startsWith(answer.slice(0, 7))) return { outcome: 'stranger', detail: quote(answer) };
      const headEnd = answer.indexOf('\r\n\r\n');
      if (headEnd < 0) return undefined;
      const [status = '', ...lines] = answer.slice(0, headEnd).split('\r\n');
      const servedBy = headerOf(lines, 'x-pets-served-by');
      if (/^HTTP\/1\.[01] 200\b/.test(status) && headerOf(lines, 'x-pets-nonce') === nonce) {
        return { outcome: 'answered', detail: '', ...(servedBy === undefined ? {} : { servedBy: servedBy.slice(0, 255) }) };
      }
      return { outcome: 'stranger', detail: quote(status) };
    },
  };
}

/** A listener of ours says its nonce by itself: who asks does not tell it, so an echo cannot pass for one. */
function greetingQuestion(nonce: string): Question {
  return {
    bytes: '',
    judge(answer) {
      if (answer === nonce) return { outcome: 'answered', detail: '' };
      return nonce.startsWith(answer) ? undefined : { outcome: 'stranger', detail: quote(answer) };
    },
  };
}

function headerOf(lines: readonly string[], name: string): string | undefined {
  const line = lines.find((candidate) => candidate.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

/** What a stranger said, short and without control bytes. */
export function quote(text: string): string {
  return JSON.stringify(text.slice(0, 60).replace(/[^\x20-\x7e]/g, '?'));
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
