/** One command of a shell in the machine, and what makes it pass. */
export interface MeshCommand {
  /** Unique in its trial and fit for a file name; each is counted as passed or failed. */
  readonly name: string;
  /** A line for `sh -c`. Beside the machine's own programs there are `pets-console` and those of `guest-tools.ts`. */
  readonly line: string;
  /** After so many seconds it is ended and has failed. The processor is emulated: ten times what it takes elsewhere. */
  readonly withinS: number;
  /** What its standard output must say, each of them. */
  readonly says?: readonly RegExp[];
}

/** Commands that run one after another, whatever became of those before: a failed `up` is still taken down. */
export interface MeshTrial {
  readonly name: string;
  /** What it shows that a lab may not be able to. */
  readonly shows: string;
  readonly commands: readonly MeshCommand[];
}
