import { PetsError } from '../domain/errors.ts';
import { ownershipOf } from '../domain/labels.ts';
import { isScenarioPath } from '../scenario/files.ts';
import { type IntentTools, readBound } from './intents.ts';

/** A project that was up before the console opened is shown with its hits, as if it had been brought up here. */
export function followKnownProjects(tools: IntentTools, onBug: (error: unknown) => void): void {
  const known = new Set<string>();
  tools.session.stream.subscribe((event) => {
    if (event.type !== 'container.inspected') return;
    const owner = ownershipOf(event.container.labels);
    const { scenario, project } = owner ?? {};
    // Anyone can put a label on a container: it may name a scenario, but not choose a file to be read here.
    if (scenario === undefined || project === undefined || isScenarioPath(scenario)) return;
    const key = `${project}/${scenario}`;
    if (known.has(key)) return;
    known.add(key);
    readBound(scenario, { ...tools, wish: { ...tools.wish, project } }, owner).then(tools.tenants.watch, (error: unknown) => {
      // Its file is gone or was edited since: there is nothing to follow by.
      if (!(error instanceof PetsError)) onBug(error);
    });
  });
}
