import { join } from 'node:path';
import type { ScenarioOutline, TenantOutline } from '../domain/events.ts';
import type { BoundHost, Scenario } from '../domain/scenario.ts';
import { bindHosts, bindScenario } from '../scenario/bind.ts';
import { packageFile } from './package-root.ts';

/** Where scenarios are looked for: the user's own folder first, then the shipped ones. */
export function scenarioFolders(env: NodeJS.ProcessEnv): readonly string[] {
  const config = env.XDG_CONFIG_HOME ?? join(env.HOME ?? '/root', '.config');
  return [join(config, 'pets-console', 'scenarios'), packageFile('scenarios')];
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
  const tenants = Object.entries(bound.tenants).map(([name, tenant]) => ({ name, ...tenant }));
  return { scenario: bound, hosts: boundHosts, tenants };
}

export function outlineOfScenario(scenario: Scenario): ScenarioOutline {
  const { name, project, model, title, summary, benefits, limits, path } = scenario;
  return { name, project, model, title, summary, benefits, limits, path };
}
