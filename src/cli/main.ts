import { readFileSync } from 'node:fs';
import { EXIT } from '../domain/errors.ts';
import { packageFile } from './package-root.ts';
import { parseCommandLine } from './parse.ts';
import { describeError } from './report-error.ts';

/** The one place that ends the process. */
const STATUS_OF_SIGNAL = { SIGINT: EXIT.interrupt, SIGTERM: EXIT.terminate, SIGHUP: EXIT.hangup } as const;

const BUG_DEADLINE_MS = 2_000;

/** First signal: stop cleanly. Second: now. */
function listenForSignals(version: string): { signal: AbortSignal; status: () => number | undefined; bug: () => unknown } {
  const controller = new AbortController();
  let status: number | undefined;
  let bug: unknown;
  // A bug outside of every promise leaves by the same way, so that the terminal is whole before it is told of.
  process.on('uncaughtException', (error) => {
    bug ??= error;
    status = EXIT.bug;
    controller.abort();
    // Where something hangs on it all the same, it is told without waiting any longer.
    setTimeout(() => {
      process.stderr.write(describeError(bug, version, false).text);
      process.exit(EXIT.bug);
    }, BUG_DEADLINE_MS).unref();
  });
  for (const [name, code] of Object.entries(STATUS_OF_SIGNAL)) {
    process.on(name, () => {
      if (status !== undefined) process.exit(code);
      status = code;
      controller.abort();
    });
  }
  return { signal: controller.signal, status: () => status, bug: () => bug };
}

async function main(): Promise<number> {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  const signals = listenForSignals(version);
  const { stdin, stdout, stderr, env } = process;
  for (const stream of [stdin, stdout, stderr]) stream.on('error', ignoreLostEnd);
  const context = { env, cwd: process.cwd(), stdin, stdout, stderr, signal: signals.signal, version };
  try {
    const status = await parseCommandLine(process.argv.slice(2), context);
    if (signals.bug() !== undefined) throw signals.bug();
    return signals.status() ?? status;
  } catch (error) {
    const described = describeError(error, version, stderr.isTTY === true && !env.NO_COLOR);
    stderr.write(described.text);
    return signals.status() ?? described.status;
  }
}

/**
 * A reader that went away (`pets-console up x --json | head -1`) is no failure, and no reason to leave a run half done.
 * Of a terminal that went away (EIO, reading and writing) SIGHUP tells, which ends what is under way.
 */
function ignoreLostEnd(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}

// Connections that are kept for reuse must not hold the process.
process.exit(await main());
