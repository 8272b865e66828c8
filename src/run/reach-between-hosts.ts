import type { Agent, Listening } from '../agent/open-agent.ts';
import { PetsError } from '../domain/errors.ts';
import type { WayAnswer, WayQuestion } from '../scenario/swarm-ports.ts';
import type { LookTools } from './look-at-host.ts';

/** Between hosts a millisecond is usual, and lost packets are sent again meanwhile. */
const ANSWER_MS = 1_500;
/** A closed way is an obstacle, and a busy host is none: silence is believed the second time. */
const ASKED_AT_MOST = 2;
/** Whoever is asked listens for as long as all may take to ask. */
const LISTEN_MS = 20_000;

/** Who listens where a question goes: an agent of ours, somebody else, or nobody that can be known. */
type Listener = Listening | 'somebody' | 'nobody';

/**
 * Asks all at once whether hosts reach each other. On a port where nobody listens yet, the agent of the host that is asked does, so that silence is a closed
 * way and no empty port; it has let go of every port when this returns. What cannot be asked is `unchecked`.
 * @throws INTERRUPTED
 */
export async function askWays(questions: readonly WayQuestion[], tools: LookTools): Promise<readonly WayAnswer[]> {
  if (questions.length === 0) return [];
  const listeners = new Map<string, Promise<Listener>>();
  const listenerFor = (question: WayQuestion) => {
    const place = `${question.to} ${question.port.port}/${question.port.protocol}`;
    const listener = listeners.get(place) ?? listen(question, tools);
    listeners.set(place, listener);
    return listener;
  };
  try {
    return await Promise.all(questions.map((question) => ask(question, listenerFor(question), tools)));
  } finally {
    await letGo([...listeners.values()], new Set(questions.map(({ to }) => to)), tools);
  }
}

async function listen({ to, address, port: { port, protocol } }: WayQuestion, tools: LookTools): Promise<Listener> {
  const wish = { protocol, port, timeoutMs: LISTEN_MS, address: address.includes(':') ? '::' : '0.0.0.0' };
  try {
    return (await (await agentOn(to, tools))?.listen(wish, tools.signal)) ?? 'nobody';
  } catch (error) {
    rethrowUnlessLost(error, tools);
    return error instanceof PetsError && error.code === 'PORT_TAKEN' ? 'somebody' : 'nobody';
  }
}

async function ask(question: WayQuestion, expected: Promise<Listener>, tools: LookTools): Promise<WayAnswer> {
  const unchecked = { ...question, outcome: 'unchecked', detail: '' } as const;
  const listener = await expected;
  // Of a stranger only TCP tells: it takes the connection. What speaks UDP there says nothing to us.
  if (listener === 'nobody' || (listener === 'somebody' && question.port.protocol === 'udp')) return unchecked;
  try {
    const agent = await agentOn(question.from, tools);
    if (agent === undefined) return unchecked;
    for (let times = 1; ; times += 1) {
      const { outcome, detail } = await probe(agent, question, listener, tools.signal);
      if (outcome !== 'timed-out' || times === ASKED_AT_MOST) return { ...question, outcome, detail };
    }
  } catch (error) {
    rethrowUnlessLost(error, tools);
    return unchecked;
  }
}

function probe(
  agent: Agent,
  { address: host, port: { port, protocol }, payloadBytes }: WayQuestion,
  listener: Listening | 'somebody',
  signal: AbortSignal,
): ReturnType<Agent['probeTcp']> {
  const target = { host, port, timeoutMs: ANSWER_MS };
  if (listener === 'somebody') return agent.probeTcp({ ...target, ask: 'connect' }, signal);
  const { nonce } = listener;
  if (protocol === 'tcp') return agent.probeTcp({ ...target, nonce, ask: 'greeting' }, signal);
  return agent.probeUdp({ ...target, nonce, ...(payloadBytes === undefined ? {} : { payloadBytes }) }, signal);
}

/** The one that looked at the host stands already; once interrupted, no other is started in its place. @throws INTERRUPTED */
async function agentOn(host: string, { engines, agents, ownership, signal }: LookTools): Promise<Agent | undefined> {
  if (signal.aborted) throw new PetsError('INTERRUPTED', { message: `the question to ${host} was interrupted`, cause: signal.reason });
  const engine = engines.get(host);
  return engine && (await agents.onHost(engine, ownership));
}

/** The engines need these ports next. An agent does what it is told in order: once it answers again, it has let go. */
async function letGo(listeners: readonly Promise<Listener>[], hosts: ReadonlySet<string>, tools: LookTools): Promise<void> {
  for (const listener of await Promise.allSettled(listeners)) {
    if (listener.status === 'fulfilled' && typeof listener.value === 'object') listener.value.close();
  }
  const answers = [...hosts].map(async (host) =>
    (await agentOn(host, tools))?.look({ addresses: [], modules: [], timeoutMs: 1 }, tools.signal),
  );
  for (const answer of await Promise.allSettled(answers)) if (answer.status === 'rejected') rethrowUnlessLost(answer.reason, tools);
}

function rethrowUnlessLost(error: unknown, { signal }: LookTools): void {
  if (signal.aborted || !(error instanceof PetsError)) throw error;
}
