import type { Writable } from 'node:stream';

/** What every verb is given: nothing in it ends the process, `main.ts` alone does. */
export interface VerbContext {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  readonly version: string;
}

/** Flags of the contract, as they were typed. Absent ones are undefined. */
export interface Flags {
  readonly host?: readonly string[];
  readonly context?: string;
  readonly hosts?: string;
  readonly bind?: readonly string[];
  readonly as?: string;
  readonly set?: readonly string[];
  readonly variant?: string;
  readonly scale?: readonly string[];
  readonly readOnly?: boolean;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly timeout?: string;
  readonly yes?: boolean;
  readonly color?: boolean;
  readonly name?: string;
  readonly engines?: string;
  readonly subnet?: string;
  readonly suite?: string;
  readonly mixed?: boolean;
  readonly purge?: boolean;
}

/** A verb's action: its arguments and flags in, its exit status out. */
export type VerbAction = (args: readonly string[], flags: Flags, context: VerbContext) => Promise<number>;
