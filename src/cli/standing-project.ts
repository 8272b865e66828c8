import { PetsError } from '../domain/errors.ts';
import { type Ownership, ownershipOf } from '../domain/labels.ts';
import { isOfEndedTask } from '../domain/swarm-task-name.ts';
import { listContainers } from '../engine/containers.ts';
import type { Session } from './session.ts';

/**
 * What the newest container of a project, of a task or its own, says of how it was made; undefined where no host has one. A project may be made from several
 * scenarios: `scenario` asks for what was made from that one.
 * @throws INTERRUPTED
 */
export async function ownerOfProject(
  project: string,
  scenario: string | undefined,
  { engines, signal }: Pick<Session, 'engines' | 'signal'>,
): Promise<Ownership | undefined> {
  const owners = await Promise.all(
    Array.from(engines.values(), async (engine) => {
      const containers = await listContainers(engine, signal).catch(unlessBug);
      return containers.filter((container) => !isOfEndedTask(container)).flatMap(({ labels }) => ownershipOf(labels) ?? []);
    }),
  );
  const own = owners
    .flat()
    .filter((owner) => owner.project === project && /^(container|service)\//.test(owner.resource))
    .filter((owner) => owner.scenario !== '' && owner.scenario === (scenario ?? owner.scenario));
  // Runs are named by ULIDs, which sort by time: what a later run left as it was bears the labels of an earlier one.
  return own.toSorted((left, right) => (left.run < right.run ? 1 : -1))[0];
}

/** A host that says nothing is missed when it is asked for what it should hold. */
function unlessBug(error: unknown): readonly [] {
  if (error instanceof PetsError) return [];
  throw error;
}
