import type { LiveContainer, LiveNetwork } from '../../src/domain/live.ts';

/** A bridge network that nobody of ours made, as an engine tells of one. */
export function liveNetwork(name: string, change: Partial<LiveNetwork> = {}): LiveNetwork {
  return {
    ...{ id: name.padEnd(64, 'e'), name, driver: 'bridge', scope: 'local', internal: false, attachable: false, enableIPv6: false },
    ...{ options: {}, pools: [], labels: {}, endpoints: [], raw: {} },
    ...change,
  };
}

/** A running container that nobody of ours made, on no network. */
export function liveContainer(name: string, change: Partial<LiveContainer> = {}): LiveContainer {
  return {
    ...{ id: name.padEnd(64, 'f'), name, image: 'grafana', imageId: 'sha256:g', state: 'running', exitCode: 0 },
    ...{ startedAt: '', finishedAt: '', labels: {}, networks: {}, networkMode: 'bridge', ports: [] },
    ...change,
  };
}
