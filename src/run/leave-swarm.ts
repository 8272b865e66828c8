import type { Labels } from '../domain/labels.ts';
import type { StepAction } from '../domain/plan.ts';
import type { Engine } from '../engine/engine.ts';
import { createNetwork, inspectNetwork, listNetworks, removeNetwork } from '../engine/networks.ts';
import { listNodes, removeNode } from '../engine/nodes.ts';
import { listServices } from '../engine/services.ts';
import { removeTasksOfNode } from '../engine/services-teardown.ts';
import { inspectSwarm, leaveSwarm } from '../engine/swarm.ts';
import { waitUntilAlone, waitUntilSettled, waitUntilWithout } from '../engine/swarm-leaving.ts';
import { listStored } from '../engine/swarm-store.ts';
import { GATEWAY_BRIDGE } from '../scenario/holdings.ts';
import { residentsOf } from '../scenario/plan-swarm-down.ts';
import { isOurs } from '../scenario/swarm-membership.ts';
import type { Progress } from './execute.ts';

/** Takes a host out of its swarm. Whatever came to live in the swarm since the plan was made keeps it. */
export async function leave(
  { nodeId, gone }: Extract<StepAction, { kind: 'swarm.leave' }>,
  engine: Engine,
  manager: Engine | undefined,
  progress: Progress,
): Promise<string> {
  const isLast = manager === undefined;
  if (isLast) {
    const residents = await residentsNow(engine, nodeId, gone);
    if (residents.length > 0) return `kept, since it holds ${residents.join(', ')}`;
  }
  progress('takes an engine some seconds');
  // A `down` that was killed may have left the node on its manager's list alone.
  if ((await inspectSwarm(engine)).nodeId === nodeId) {
    await clearOwn(engine, nodeId);
    if (isLast) await waitUntilAlone(engine);
    await leaveSwarm(engine, { force: isLast });
  }
  await waitUntilSettled(engine);
  await removeTasksOfNode(engine, nodeId, isOurs);
  if (manager !== undefined) await removeNode(manager, nodeId, { force: true });
  return removeGatewayBridge(engine);
}

/**
 * An engine that leaves before it let go of what the swarm has no more keeps it: a copy of a network, which nobody can remove then, and
 * the containers of tasks that have ended (measured on 20.10). Services and networks may have gone while it was away, or by hand.
 */
async function clearOwn(engine: Engine, nodeId: string): Promise<void> {
  await removeTasksOfNode(engine, nodeId, isOurs);
  await waitUntilWithout(engine, ({ labels }) => isOurs(labels));
}

async function residentsNow(engine: Engine, nodeId: string, gone: readonly string[]): Promise<readonly string[]> {
  const [networks, services, nodes, stored] = await Promise.all([
    listNetworks(engine),
    listServices(engine),
    listNodes(engine),
    listStored(engine),
  ]);
  const staying = nodes.filter(({ id, state }) => id !== nodeId && state !== 'down' && !gone.includes(id));
  const others = staying.map(({ hostname }) => `node ${hostname}`);
  return [...residentsOf({ networks, stored }, { services }, new Set(gone)), ...others];
}

/**
 * Docker would make it with the swarm, without labels, and leave it behind: nobody could tell after a kill whose it is. Made as Docker makes
 * it, since an engine takes the one that it finds (measured on 20.10).
 */
export async function makeGatewayBridge(engine: Engine, labels: Labels): Promise<void> {
  if ((await inspectNetwork(engine, GATEWAY_BRIDGE)) !== undefined) return;
  const options = {
    'com.docker.network.bridge.name': GATEWAY_BRIDGE,
    'com.docker.network.bridge.enable_icc': 'false',
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
  };
  const wish = { kind: 'network', host: engine.name, name: GATEWAY_BRIDGE, driver: 'bridge', options, ipam: [] } as const;
  await createNetwork(engine, { ...wish, internal: false, enableIPv6: false }, labels);
}

async function removeGatewayBridge(engine: Engine): Promise<string> {
  const bridge = await inspectNetwork(engine, GATEWAY_BRIDGE);
  if (bridge === undefined || !isOurs(bridge.labels)) return 'left';
  if (bridge.endpoints.length > 0) return `left; ${GATEWAY_BRIDGE} stays, since containers are on it`;
  await removeNetwork(engine, bridge.id);
  return `left, ${GATEWAY_BRIDGE} too is as it was`;
}
