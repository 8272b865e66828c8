/** The labels of the contract: what they say is all that `down` needs to know. */
export const LABEL = {
  project: 'pets-console.project',
  scenario: 'pets-console.scenario',
  resource: 'pets-console.resource',
  spec: 'pets-console.spec',
  run: 'pets-console.run',
  hosts: 'pets-console.hosts',
  /** Marks a sidecar of ours, so that it is never taken for a workload. */
  sidecar: 'pets-console.sidecar',
} as const;

export type Labels = Readonly<Record<string, string>>;

/** What an object of ours says about itself, or undefined for a foreign one. */
export interface Ownership {
  readonly project: string;
  readonly scenario: string;
  /** `network/catnet`, `container/cat-db`, `sidecar/cat-db`. */
  readonly resource: string;
  readonly spec: string;
  readonly run: string;
  readonly hosts: string;
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
  };
}

export function labelsFor(ownership: Ownership): Labels {
  return {
    [LABEL.project]: ownership.project,
    [LABEL.scenario]: ownership.scenario,
    [LABEL.resource]: ownership.resource,
    [LABEL.spec]: ownership.spec,
    [LABEL.run]: ownership.run,
    [LABEL.hosts]: ownership.hosts,
  };
}
