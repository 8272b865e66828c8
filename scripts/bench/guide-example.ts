/** One model as the guide's commands make it, a person typing them into a shell, one after another. */
export interface GuideExample {
  /** What the tables call it. */
  readonly name: string;
  readonly scenario: string;
  /** For our `up`. */
  readonly flags?: readonly string[];
  /** What must stand before, and is taken away at the end; neither is measured. */
  readonly before?: string;
  readonly after?: string;
  /** Each way up is followed by its way down; contenders of one name are one. */
  readonly cycles: readonly { readonly up: ShellWay; readonly down: ShellWay }[];
}

export interface ShellWay {
  readonly how: string;
  readonly script: string;
}

/** Where the commands go, and the addresses in them. */
export interface Wire {
  /** Endpoints of the two engines. */
  readonly A: string;
  readonly B: string;
  readonly addressA: string;
  readonly addressB: string;
  readonly subnet: string;
  readonly gateway: string;
  /** The nth address of the subnet. */
  readonly nth: (n: number) => string;
}

export const untilPage = (url: string): string => `until curl -fso /dev/null ${url}; do sleep 0.01; done`;
