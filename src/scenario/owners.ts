import { ownershipOf } from '../domain/labels.ts';
import type { LiveContainer, LiveNetwork } from '../domain/live.ts';
import type { LiveService } from '../domain/live-swarm.ts';
import { quoteWord } from './docker-command.ts';

/** Who holds what a plan needs, in words, and how its owner would give it up. */

/** `container grafana (4f5e6d7c8b9a, grafana/grafana, running)` */
export function describeContainer({ id, name, image, state, labels }: LiveContainer): string {
  return `container ${name} (${[id.slice(0, 12), image, state, ...describeProject(labels)].join(', ')})`;
}

export function describeNetwork({ id, name, driver, labels }: LiveNetwork): string {
  return `network ${name} (${[id.slice(0, 12), driver, ...describeProject(labels)].join(', ')})`;
}

export function describeService({ id, name, labels }: LiveService): string {
  return `service ${name} (${[id.slice(0, 12), ...describeProject(labels)].join(', ')})`;
}

/** What is another project's goes with it; what is foreign is freed by hand, by the `docker` command given. */
export function hintToFree(labels: LiveContainer['labels'], command: string): string {
  const project = ownershipOf(labels)?.project;
  return project === undefined ? command : `pets-console down ${quoteWord(project)}`;
}

function describeProject(labels: LiveContainer['labels']): readonly string[] {
  const owner = ownershipOf(labels);
  return owner === undefined ? [] : [`project ${owner.project}`];
}
