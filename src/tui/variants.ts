import { ownershipOf } from '../domain/labels.ts';
import type { ScenarioOutline } from '../domain/scenario.ts';
import { isOfEndedTask } from '../domain/swarm-task-name.ts';
import { type Line, span } from './line.ts';
import { isBusy, type Scene } from './scene.ts';

/** The scenario's own way to deploy, among its variants. */
export const OWN_WAY = '';

/** What may be chosen of a scenario, its own way first; only that where it has no variants. */
export function waysOf({ variants }: Pick<ScenarioOutline, 'variants'>): readonly string[] {
  return [OWN_WAY, ...Object.keys(variants ?? {})];
}

/** The variant that a plan of the selected scenario would be made in: the one chosen here, else the one that it stands in. */
export function chosenVariant({ navigation, scenario, state }: Pick<Scene, 'navigation' | 'scenario' | 'state'>): string {
  if (scenario === undefined) return OWN_WAY;
  const ways = waysOf(scenario);
  const chosen = [navigation.variants[scenario.name], standingVariant(scenario, state), navigation.initialVariant];
  return chosen.find((variant) => variant !== undefined && ways.includes(variant)) ?? OWN_WAY;
}

/** Whether there is another way to plan the selected scenario, and nothing against planning now. */
export function mayChooseVariant(scene: Scene): boolean {
  const { mode, navigation, scenario } = scene;
  return mode === 'live' && navigation.view === 'scenarios' && !isBusy(scene) && scenario !== undefined && waysOf(scenario).length > 1;
}

/** The variant after that one, and after the last the scenario's own way. */
export function nextVariant(scene: Pick<Scene, 'navigation' | 'scenario' | 'state'>): string {
  const ways = scene.scenario === undefined ? [OWN_WAY] : waysOf(scene.scenario);
  return ways[(ways.indexOf(chosenVariant(scene)) + 1) % ways.length] ?? OWN_WAY;
}

/** As the labels of what stands say; undefined where nothing of the project does. */
function standingVariant({ project }: ScenarioOutline, { hosts }: Scene['state']): string | undefined {
  for (const host of Object.values(hosts)) {
    for (const container of Object.values(host.containers)) {
      const owner = ownershipOf(container.labels);
      if (owner?.project === project && !isOfEndedTask(container)) return owner.variant ?? OWN_WAY;
    }
  }
  return undefined;
}

/** The variant that is in force, behind the name of its scenario. */
export function variantSpans(variant: string | undefined): Line {
  return variant === undefined || variant === OWN_WAY ? [] : [span(' · ', 'dim'), span(variant, 'accent')];
}
