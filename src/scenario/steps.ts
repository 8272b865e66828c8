import type { Step, StepAction, StepOutline } from '../domain/plan.ts';
import { type ContainerWish, SWARM } from '../domain/scenario.ts';
import { dockerCommand } from './docker-command.ts';

/** Builds a step: its id, title and command all follow from what it does. */
export function makeStep(host: string, action: StepAction, needs: readonly string[] = [], reason?: string): Step {
  const { resource, verb, title } = describe(action);
  return {
    id: stepId(host, resource, verb),
    host,
    resource,
    title,
    ...(reason === undefined ? {} : { reason }),
    command: dockerCommand(action),
    needs: [...new Set(needs)],
    action,
  };
}

/** Steps without what only the executor needs: as events carry them. */
export function outlineSteps(steps: readonly Step[]): readonly StepOutline[] {
  return steps.map(({ action: _action, ...outline }) => outline);
}

/** `host-A/network/catnet/create` */
export function stepId(host: string, resource: string, verb: string): string {
  return `${host}/${resource}/${verb}`;
}

function describe(action: StepAction): { readonly resource: string; readonly verb: string; readonly title: string } {
  switch (action.kind) {
    case 'image.ensure':
      return { resource: `image/${action.image}`, verb: 'ensure', title: `get image ${action.image}` };
    case 'network.create':
      return { resource: `network/${action.wish.name}`, verb: 'create', title: `create network ${action.wish.name}` };
    case 'network.remove':
      return { resource: `network/${action.name}`, verb: 'remove', title: `remove network ${action.name}` };
    case 'network.connect':
      return { ...onContainer(action.container, `connect-${action.network}`), title: `connect ${action.container} to ${action.network}` };
    case 'network.disconnect':
      return {
        ...onContainer(action.container, `disconnect-${action.network}`),
        title: `disconnect ${action.container} from ${action.network}`,
      };
    case 'container.run':
      return { ...onContainer(action.wish.name, 'run'), title: `run ${action.wish.name}` };
    case 'container.start': {
      const verb = action.unpause ? 'unpause' : 'start';
      return { ...onContainer(action.name, verb), title: `${verb} ${action.name}` };
    }
    case 'container.remove':
      return { ...onContainer(action.name, 'remove'), title: `remove ${action.name}` };
    case 'agent.end':
      return { ...onContainer(action.name, 'end'), title: `end the agent beside ${action.beside}` };
    case 'host.look':
      return { resource: 'host', verb: 'look', title: 'look at the host' };
    case 'container.ready':
      return { ...onContainer(action.name, 'ready'), title: `wait for ${action.name}` };
    case 'swarm.init':
      return { resource: 'swarm', verb: 'init', title: `make a swarm, advertised at ${action.advertiseAddress}` };
    case 'swarm.join':
      return { resource: 'swarm', verb: 'join', title: `join the swarm of ${action.manager}, advertised at ${action.advertiseAddress}` };
    case 'swarm.leave':
      return { resource: 'swarm', verb: 'leave', title: action.manager === undefined ? 'end the swarm' : 'leave the swarm' };
    case 'service.create':
      return { ...onService(action.wish.name, 'create'), title: `create service ${action.wish.name}` };
    case 'service.scale':
      return { ...onService(action.name, 'scale'), title: `scale service ${action.name} to ${action.replicas}` };
    case 'service.remove':
      return { ...onService(action.name, 'remove'), title: `remove service ${action.name}` };
    case 'service.converge':
      return { ...onService(action.name, 'converge'), title: `wait for the tasks of ${action.name}` };
  }
}

function onContainer(name: string, verb: string): { readonly resource: string; readonly verb: string } {
  return { resource: `container/${name}`, verb };
}

function onService(name: string, verb: string): { readonly resource: string; readonly verb: string } {
  return { resource: `service/${name}`, verb };
}

/** A step on the swarm as a whole, which one of its managers is asked for. */
export function makeSwarmStep(via: string, action: StepAction, needs: readonly string[] = [], reason?: string): Step {
  return { ...makeStep(SWARM, action, needs, reason), via };
}

export function readyStep(wish: ContainerWish, needs: readonly string[]): Step {
  return makeStep(wish.host, { kind: 'container.ready', name: wish.name, ready: wish.ready }, needs);
}
