import { Socket } from 'node:net';
import { AgentSession } from './agent-session.ts';

/** The agent beside a container: frames on stdin and stdout, nothing else; it never outlives its console. */
const CLEAN_REASONS: ReadonlySet<string> = new Set(['stdin ended', 'SIGTERM', 'SIGINT']);
const FLUSH_LIMIT_MS = 500;

// process.stdout would block the whole agent while the console reads slowly; a socket over the same pipe does not.
const output = new Socket({ fd: 1, readable: false, writable: true });
const input = new Socket({ fd: 0, readable: true, writable: false });

// Before the first word goes out: whoever reads it may end us at once.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => session.end(signal));

const session = new AgentSession(
  (bytes) => output.write(bytes),
  (reason) => {
    const status = CLEAN_REASONS.has(reason) ? 0 : 2;
    if (status !== 0) console.error(`agent: ${reason}`);
    output.end(() => process.exit(status));
    // Whoever reads no more must not keep it alive.
    setTimeout(() => process.exit(status), FLUSH_LIMIT_MS).unref();
  },
);

input.on('data', (chunk: Buffer) => session.receive(chunk));
input.on('end', () => session.end('stdin ended'));
input.on('error', () => session.end('stdin ended'));
output.on('error', () => session.end('stdin ended'));
