/** Exit statuses of the contract, by the kind of failure. */
export const EXIT = { ok: 0, check: 1, usage: 2, obstacles: 3, engine: 4, bug: 70, hangup: 129, interrupt: 130, terminate: 143 } as const;

const STATUS_OF_CODE = {
  // What the user typed, or a file they wrote.
  BAD_USAGE: EXIT.usage,
  BAD_FILE: EXIT.usage,
  NOT_FOUND: EXIT.usage,
  NO_TERMINAL: EXIT.usage,
  NO_ENGINE: EXIT.engine,
  // What stands in the way before anything is made.
  OBSTACLES: EXIT.obstacles,
  // Checks of `verify`.
  CHECK_FAILED: EXIT.check,
  // The engine, or the way to it.
  ENGINE_UNREACHABLE: EXIT.engine,
  ENGINE_TIMEOUT: EXIT.engine,
  ENGINE_DENIED: EXIT.engine,
  ENGINE_TOO_OLD: EXIT.engine,
  ENGINE_ERROR: EXIT.engine,
  NAME_TAKEN: EXIT.engine,
  POOL_OVERLAPS: EXIT.engine,
  POOLS_EXHAUSTED: EXIT.engine,
  ADDRESS_TAKEN: EXIT.engine,
  ADDRESS_OUTSIDE_SUBNET: EXIT.engine,
  NO_ADDRESS_LEFT: EXIT.engine,
  PORT_TAKEN: EXIT.engine,
  IMAGE_MISSING: EXIT.engine,
  NETWORK_MISSING: EXIT.engine,
  NETWORK_IN_USE: EXIT.engine,
  PARENT_TAKEN: EXIT.engine,
  PARENT_MISSING: EXIT.engine,
  DRIVER_MISSING: EXIT.engine,
  SWARM_REQUIRED: EXIT.engine,
  OBJECT_MISSING: EXIT.engine,
  BUILD_FAILED: EXIT.engine,
  CONTAINER_EXITED: EXIT.engine,
  NOT_READY: EXIT.engine,
  AGENT_FAILED: EXIT.engine,
  PROTOCOL: EXIT.engine,
  LAB_UNSUPPORTED: EXIT.engine,
  LAB_FAILED: EXIT.engine,
  INTERRUPTED: EXIT.interrupt,
} as const;

/** The closed set of things that can go wrong and that a user can do something about. */
export type ErrorCode = keyof typeof STATUS_OF_CODE;

/**
 * A failure with a next step. Anything else that is thrown is a bug of ours.
 * `message` names the host, the object and the fact; `hint` names the next command.
 */
export class PetsError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, detail: { readonly message: string; readonly hint?: string | undefined; readonly cause?: unknown }) {
    super(detail.message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'PetsError';
    this.code = code;
    this.hint = detail.hint;
  }

  get exitStatus(): number {
    return STATUS_OF_CODE[this.code];
  }
}

/** An error as events carry it: plain values, no stack. */
export interface Failure {
  readonly code: ErrorCode | 'BUG';
  readonly message: string;
  readonly hint?: string;
}

/** The plain values of any thrown thing. */
export function failureOf(error: unknown): Failure {
  if (error instanceof PetsError) {
    return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
  return { code: 'BUG', message: error instanceof Error ? error.message : String(error) };
}
