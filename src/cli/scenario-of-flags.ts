import { PetsError } from '../domain/errors.ts';
import type { Scenario, Underlay } from '../domain/scenario.ts';
import type { Inventory } from '../hosts/inventory.ts';
import { underProject } from '../scenario/bind.ts';
import { parseInputs, parseProject, parseScale } from './flag-values.ts';
import { openScenario } from './scenario-files.ts';
import { findHosts } from './session.ts';
import type { Flags, VerbContext } from './verb.ts';

/** What is said of a scenario by the flags, the inventory and what stands: values of its inputs, how the swarm runs it, and the project that it is to be. */
export interface ScenarioWish {
  readonly set: Readonly<Record<string, string>>;
  readonly project: string | undefined;
  readonly underlay: Underlay | undefined;
  readonly inForce?: Readonly<Record<string, string>> | undefined;
  readonly variant?: string | undefined;
  readonly preferredVariant?: string | undefined;
  readonly scale?: Readonly<Record<string, number>>;
}

export function scenarioWish(flags: Flags, underlay: Underlay | undefined): ScenarioWish {
  const { variant } = flags;
  return { set: parseInputs(flags.set), project: parseProject(flags.as), underlay, variant, scale: parseScale(flags.scale) };
}

/** Reads a scenario as the flags wish it. @throws as `openScenario` */
export async function readWished(
  name: string,
  env: NodeJS.ProcessEnv,
  { set, project, underlay, inForce = {}, variant, preferredVariant, scale = {} }: ScenarioWish,
): Promise<Scenario> {
  const scenario = await openScenario(name, env, {
    ...{ set, inForce, scale },
    ...(underlay === undefined ? {} : { underlay }),
    ...(variant === undefined ? {} : { variant }),
    ...(preferredVariant === undefined ? {} : { preferredVariant }),
  });
  return project === undefined ? scenario : underProject(scenario, project);
}

/** The hosts, and what `read` makes of the flags and their underlay. What is wrong with a file of the user's is told before a lack of hosts. */
export async function findHostsAnd<T>(
  flags: Flags,
  context: VerbContext,
  read: (wish: ScenarioWish) => Promise<T>,
): Promise<readonly [Inventory, T]> {
  const found = await findHosts(flags, context).catch((error: unknown) => {
    if (error instanceof PetsError && error.code === 'NO_ENGINE') return error;
    throw error;
  });
  const value = await read(scenarioWish(flags, found instanceof PetsError ? undefined : found.underlay));
  if (found instanceof PetsError) throw found;
  return [found, value];
}
