/** The labels of the contract: what they say is all that `down` needs to know, and with the scenario's file all that `verify` does. */
export const LABEL = {
  project: 'pets-console.project',
  scenario: 'pets-console.scenario',
  resource: 'pets-console.resource',
  spec: 'pets-console.spec',
  run: 'pets-console.run',
  hosts: 'pets-console.hosts',
  /** The values of the scenario's inputs, as JSON; absent where it has none. */
  inputs: 'pets-console.inputs',
  /** The variant of the scenario; absent where it has none in force. */
  variant: 'pets-console.variant',
  /** Marks a sidecar of ours, so that it is never taken for a workload. */
  sidecar: 'pets-console.sidecar',
} as const;

export type Labels = Readonly<Record<string, string>>;

/** What an object of ours says about itself, or undefined for a foreign one. */
export interface Ownership {
  readonly project: string;
  readonly scenario: string;
  /** `network/catnet`, `container/cat-db`, `service/dog-web`, `swarm`, `sidecar/cat-db`. The container of a task bears its service's. */
  readonly resource: string;
  readonly spec: string;
  readonly run: string;
  readonly hosts: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly variant?: string;
}

/** Reads our labels; an object without a project label is foreign, whatever its name. */
export function ownershipOf(labels: Labels | null | undefined): Ownership | undefined {
  const project = labels?.[LABEL.project];
  if (labels === null || labels === undefined || project === undefined) return undefined;
  return {
    project,
    scenario: labels[LABEL.scenario] ?? '',
    resource: labels[LABEL.resource] ?? '',
    spec: labels[LABEL.spec] ?? '',
    run: labels[LABEL.run] ?? '',
    hosts: labels[LABEL.hosts] ?? '',
    inputs: readInputs(labels[LABEL.inputs]),
    ...(labels[LABEL.variant] === undefined ? {} : { variant: labels[LABEL.variant] }),
  };
}

export function labelsFor(ownership: Ownership): Labels {
  const { inputs = {}, variant } = ownership;
  return {
    [LABEL.project]: ownership.project,
    [LABEL.scenario]: ownership.scenario,
    [LABEL.resource]: ownership.resource,
    [LABEL.spec]: ownership.spec,
    [LABEL.run]: ownership.run,
    [LABEL.hosts]: ownership.hosts,
    ...(Object.keys(inputs).length === 0 ? {} : { [LABEL.inputs]: JSON.stringify(inputs) }),
    ...(variant === undefined ? {} : { [LABEL.variant]: variant }),
  };
}

/** Anyone can put a label on a container: what is no object of texts tells nothing. */
function readInputs(text = '{}'): Readonly<Record<string, string>> {
  try {
    const told: unknown = JSON.parse(text);
    if (typeof told !== 'object' || told === null) return {};
    return Object.fromEntries(Object.entries(told).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}
