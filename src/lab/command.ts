import { spawn } from 'node:child_process';
import { PetsError } from '../domain/errors.ts';

interface CommandOptions {
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** Beside the clean environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line of both streams as it comes, for commands that take long. */
  readonly onLine?: (line: string) => void;
}

/** What a command that ended said. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

// No user settings and no translated messages: outputs are parsed. The sbin folders are missing from some root shells.
export const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const ENVIRONMENT = { PATH: SEARCH_PATH, LC_ALL: 'C' };

/** The environment of commands and of the lab's processes: nothing of the user's leaks in, proxies included. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...ENVIRONMENT, ...extra };
}

/** Runs a command to its end and returns what it said, whatever its status. */
export function tryCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: cleanEnvironment(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 20_000,
      killSignal: 'SIGKILL',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let stdout = '';
    let stderr = '';
    const sayLines = lineSplitter(options.onLine);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      sayLines(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      sayLines(text);
    });
    child.stdin.on('error', () => {}); // a command may end before it has read its input; its status tells
    child.stdin.end(options.input ?? '');
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

/**
 * Runs a command that must succeed and returns its output.
 * @throws LAB_FAILED with the command and the end of what it said
 */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await tryCommand(command, args, options).catch((cause: unknown) => {
    if (options.signal?.aborted === true) throw interrupted(cause);
    throw new PetsError('LAB_FAILED', { message: `${command} could not be started: ${(cause as Error).message}`, cause });
  });
  if (result.status === 0) return result.stdout;
  const said = (result.stderr || result.stdout).trim().split('\n').slice(-4).join('; ');
  throw new PetsError('LAB_FAILED', { message: `${command} ${args.slice(0, 6).join(' ')} failed (${result.status ?? 'killed'}): ${said}` });
}

/** Runs `ip` once for several lines, in a network namespace if one is named. */
export async function runIp(lines: readonly string[], netns?: string): Promise<void> {
  const inside = netns === undefined ? [] : [`--net=${netns}`];
  const command = netns === undefined ? 'ip' : 'nsenter';
  await runCommand(command, [...inside, ...(netns === undefined ? [] : ['ip']), '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

/** Asks `ip` for JSON; undefined when it fails, as it does for a link or a namespace that does not exist. */
export async function askIp(args: readonly string[], netns?: string): Promise<unknown> {
  const result =
    netns === undefined ? await tryCommand('ip', ['-j', ...args]) : await tryCommand('nsenter', [`--net=${netns}`, 'ip', '-j', ...args]);
  return result.status === 0 ? JSON.parse(result.stdout || '[]') : undefined;
}

export function interrupted(cause?: unknown): PetsError {
  return new PetsError('INTERRUPTED', {
    message: 'the lab was interrupted while it was being made',
    hint: 'pets-console lab up goes on; pets-console lab down removes what is there',
    cause,
  });
}

/** @throws INTERRUPTED */
export function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw interrupted(signal.reason);
}

function lineSplitter(onLine: ((line: string) => void) | undefined): (text: string) => void {
  let rest = '';
  return (text) => {
    if (onLine === undefined) return;
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line.trim());
  };
}
