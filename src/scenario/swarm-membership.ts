import { LABEL, type Labels } from '../domain/labels.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { SwarmPicture } from '../domain/live-swarm.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { BoundHost } from '../domain/scenario.ts';

/** What stands between some hosts and being nodes of one swarm. */
export interface Membership {
  /** The name of the host whose engine is asked for what belongs to the swarm; absent where an obstacle leaves none. */
  readonly manager?: string;
  /** What the manager tells; absent where the swarm is still to be made. */
  readonly picture?: SwarmPicture;
  /** The host that makes it, where there is none. */
  readonly maker?: BoundHost;
  readonly joining: readonly BoundHost[];
  readonly members: readonly BoundHost[];
  readonly obstacles: readonly Obstacle[];
  readonly warnings: readonly string[];
}

/**
 * Who makes a swarm and who joins: the swarm that some of the hosts are in is used, else the first host makes one. Pure.
 * Of a host without a picture nothing is known, which is told elsewhere.
 */
export function membershipOf(hosts: readonly BoundHost[], live: readonly LiveEngine[]): Membership {
  const known = hosts.flatMap((host) => {
    const picture = live.find((engine) => engine.host === host.name)?.swarm;
    return picture === undefined ? [] : [{ host, picture }];
  });
  const unfit = known.flatMap(({ host, picture }) => unfitness(host, picture));
  const managing = known.filter(({ picture }) => picture.swarm.isManager && picture.swarm.cluster !== undefined);
  const [first] = managing;
  const outside = known.filter(({ picture }) => picture.swarm.state === 'inactive').map(({ host }) => host);
  const inside = known.filter(({ picture }) => picture.swarm.state === 'active');
  if (first === undefined) {
    const [worker] = inside;
    if (worker !== undefined)
      return { joining: [], members: [], obstacles: [...unfit, managerUnknown(worker.host, worker.picture)], warnings: [] };
    const [maker, ...joining] = outside;
    if (maker === undefined || unfit.length > 0) return { joining: [], members: [], obstacles: unfit, warnings: [] };
    return { manager: maker.name, maker, joining, members: [], obstacles: [], warnings: [] };
  }
  const { picture } = first;
  const strangers = inside.filter((each) => !isNodeOf(each.picture, picture));
  const members = inside.filter((each) => !strangers.includes(each));
  return {
    manager: first.host.name,
    picture,
    joining: outside,
    members: members.map(({ host }) => host),
    obstacles: [
      ...unfit,
      ...strangers.map(({ host }) => inAnotherSwarm(host, first.host)),
      ...members.flatMap((member) => notReady(member, picture)),
    ],
    warnings: otherNodes(
      picture,
      members.map((member) => member.picture.swarm.nodeId),
    ),
  };
}

/** Whether a swarm, or a node of one, bears our labels: made by us, for whichever project. */
export function isOurs(labels: Labels | undefined): boolean {
  return labels?.[LABEL.project] !== undefined;
}

function isNodeOf(one: SwarmPicture, other: SwarmPicture): boolean {
  return other.nodes.some(({ id }) => id === one.swarm.nodeId);
}

function unfitness({ name }: BoundHost, { swarm }: SwarmPicture): readonly Obstacle[] {
  const resource = 'swarm';
  const told = swarm.error === '' ? '' : `: ${swarm.error}`;
  switch (swarm.state) {
    case 'locked':
      return [{ host: name, resource, message: `its swarm is locked${told}`, hint: 'unlock it: docker swarm unlock' }];
    case 'pending':
      return [
        {
          host: name,
          resource,
          message: `it is still trying to join a swarm${told}`,
          hint: 'wait for it, or end its attempt: docker swarm leave --force',
        },
      ];
    case 'error':
      return [
        {
          host: name,
          resource,
          message: `its swarm has failed${told}`,
          hint: 'see it: docker info; to leave it: docker swarm leave --force',
        },
      ];
    case 'active':
      // A manager that knows no cluster has lost its leader: nothing of the swarm can be read or changed.
      return swarm.isManager && swarm.cluster === undefined
        ? [
            {
              host: name,
              resource,
              message: `its swarm has no leader, so nothing of it can be changed${told}`,
              hint: `bring the other managers back (${swarm.managerAddresses.join(', ')}), or on ${name}: docker swarm init --force-new-cluster`,
            },
          ]
        : [];
    case 'inactive':
      return [];
    default:
      return swarm.state satisfies never;
  }
}

function managerUnknown({ name }: BoundHost, { swarm }: SwarmPicture): Obstacle {
  const managers = swarm.managerAddresses.join(', ');
  return {
    host: name,
    resource: 'swarm',
    message: `it is a worker of a swarm whose manager (${managers}) is not among the hosts that answered, so nothing of it can be changed`,
    owner: `the swarm managed at ${managers}`,
    hint: `name the manager's host in the hosts file, or on ${name}: docker swarm leave`,
  };
}

function inAnotherSwarm({ name }: BoundHost, manager: BoundHost): Obstacle {
  return {
    host: name,
    resource: 'swarm',
    message: `it is in another swarm than ${manager.name}, and a host is in one at a time`,
    owner: 'the swarm that it is in: docker info',
    hint: `bind its role to another host, --bind ROLE=HOST, or on ${name}: docker swarm leave --force`,
  };
}

function notReady(
  { host, picture: { swarm } }: { readonly host: BoundHost; readonly picture: SwarmPicture },
  { nodes }: SwarmPicture,
): readonly Obstacle[] {
  const node = nodes.find(({ id }) => id === swarm.nodeId);
  if (node === undefined) return [];
  const see = `docker node inspect ${node.id} --pretty`;
  if (node.state !== 'ready')
    return [
      {
        host: host.name,
        resource: 'swarm',
        message: `the swarm's manager calls its node ${node.state}, so it gets no task`,
        hint: `is 2377/tcp of the manager open to it? on the manager: ${see}`,
      },
    ];
  if (node.availability === 'active') return [];
  return [
    {
      host: host.name,
      resource: 'swarm',
      message: `its node is set to ${node.availability}, so it gets no task`,
      owner: `whoever set it: ${see}`,
      hint: `docker node update --availability active ${node.id}`,
    },
  ];
}

/** Nodes that are no hosts of the scenario get no task of it: neither its images nor an agent would be there. */
function otherNodes({ nodes }: SwarmPicture, ours: readonly string[]): readonly string[] {
  const others = nodes.filter(({ id }) => !ours.includes(id));
  if (others.length === 0) return [];
  const names = others.map(({ hostname, id }) => `${hostname} (${id})`).join(', ');
  return [
    `the swarm has ${others.length === 1 ? 'a node that is' : `${others.length} nodes that are`} no host of this scenario and get no task of it: ${names}`,
  ];
}
