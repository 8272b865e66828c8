import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TenantOutline } from '../domain/events.ts';
import type { BoundHost, Scenario, ScenarioOutline } from '../domain/scenario.ts';
import { bindHosts, bindScenario } from '../scenario/bind.ts';
import { readScenario } from '../scenario/checked.ts';
import { findScenario } from '../scenario/files.ts';
import type { GivenInputs } from '../scenario/inputs.ts';
import { packageFile } from './package-root.ts';

/** Where scenarios are looked for: the user's own folder first, then the shipped ones. */
export function scenarioFolders(env: NodeJS.ProcessEnv): readonly string[] {
  const config = env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), '.config');
  return [join(config, 'pets-console', 'scenarios'), packageFile('scenarios')];
}

/**
 * Finds and reads a scenario, by name or path, with the values of its inputs that are known here.
 * @throws NOT_FOUND with the names that exist, BAD_FILE with every issue as `path:line:column`, BAD_USAGE for an input it does not have
 */
export async function openScenario(name: string, env: NodeJS.ProcessEnv, inputs?: GivenInputs): Promise<Scenario> {
  return readScenario(await findScenario(name, scenarioFolders(env)), packageFile('dist', 'scenarios.json'), inputs);
}

/** A scenario with its roles bound to real hosts, and what the console watches of it. */
export interface BoundScenario {
  readonly scenario: Scenario;
  readonly hosts: readonly BoundHost[];
  readonly tenants: readonly TenantOutline[];
}

export function bind(scenario: Scenario, hosts: readonly BoundHost[], binds: Readonly<Record<string, string>>): BoundScenario {
  const boundHosts = bindHosts(scenario, hosts, binds);
  const bound = bindScenario(scenario, boundHosts);
  const tenants = Object.entries(bound.tenants).map(([name, tenant]) => ({
    id: `${bound.project}/${name}`,
    name,
    project: bound.project,
    ...tenant,
  }));
  return { scenario: bound, hosts: boundHosts, tenants };
}

export function outlineOfScenario(scenario: Scenario): ScenarioOutline {
  const { name, project, model, title, summary, benefits, limits, path, variants } = scenario;
  return { name, project, model, title, summary, benefits, limits, path, variants };
}
