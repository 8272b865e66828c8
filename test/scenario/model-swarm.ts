import { LABEL, type Labels } from '../../src/domain/labels.ts';
import type { LiveEngine, LiveImageState, LiveNetwork } from '../../src/domain/live.ts';
import type { SwarmNode, SwarmPicture, SwarmService, SwarmTask } from '../../src/domain/live-swarm.ts';
import type { Step } from '../../src/domain/plan.ts';
import { type BoundHost, SWARM } from '../../src/domain/scenario.ts';
import { liveNetwork } from './live-things.ts';

const IMAGE = (id: string): LiveImageState => ({ id: `sha256:${id}`, platform: 'linux/amd64', current: true });
const INACTIVE: SwarmPicture = {
  swarm: { state: 'inactive', error: '', nodeId: '', address: '', isManager: false, managerAddresses: [], cluster: undefined },
  nodes: [],
  services: [],
  tasks: [],
};

/** A model of some engines and the swarm that they may be in, just strict enough to catch steps in a wrong order. */
export class ModelSwarm {
  readonly hosts: readonly BoundHost[];
  services: SwarmService[] = [];
  networks: LiveNetwork[] = [];
  /** Node IDs by host, the manager first. */
  nodes = new Map<string, { readonly id: string; labels: Labels }>();
  clusterLabels: Labels = {};
  images = new Map<string, Record<string, LiveImageState>>();
  /** Tasks that do not run, by service name, with their error. */
  broken = new Map<string, string>();
  /** Hosts whose nodes somebody made managers, too. */
  promoted = new Set<string>();
  #count = 0;

  readonly #idPrefix: string;

  constructor(names: readonly string[], idPrefix = 'id') {
    this.#idPrefix = idPrefix;
    this.hosts = names.map((name, index) => ({
      name,
      role: name,
      endpoint: `unix:///run/${name}.sock`,
      address: `192.168.0.${11 + index}`,
    }));
    for (const name of names)
      this.images.set(name, { redis: IMAGE('redis'), 'pets-console/web': IMAGE('web'), 'pets-console/admin': IMAGE('admin') });
  }

  get live(): readonly LiveEngine[] {
    return this.hosts.map(({ name }) => {
      const isIn = this.nodes.has(name);
      const own = [
        liveNetwork('bridge', { id: `${name}-bridge` }),
        ...(isIn ? [liveNetwork('docker_gwbridge', { id: `${name}-gw` })] : []),
      ];
      const swarm = isIn ? this.#pictureOf(name) : INACTIVE;
      return {
        host: name,
        version: '28.5.2',
        networks: [...own, ...(swarm.swarm.isManager ? this.networks : [])],
        containers: [],
        services: swarm.services,
        images: this.images.get(name) ?? {},
        swarm,
      };
    });
  }

  /** A swarm that somebody made by hand on these hosts. */
  makeByHand(...hosts: readonly string[]): void {
    for (const host of hosts) this.#admit(host, {});
  }

  service(name: string): SwarmService {
    const found = this.services.find((each) => each.name === name);
    if (found === undefined) throw new Error(`service ${name} not found`);
    return found;
  }

  change(name: string, change: Partial<SwarmService>): void {
    this.services = this.services.map((each) => (each.name === name ? { ...each, ...change } : each));
  }

  /** Does the steps in the order that their needs allow, the last that may first: an order that only the list suggests is not relied on. */
  execute(steps: readonly Step[]): void {
    const done = new Set<string>();
    const waiting = [...steps];
    while (waiting.length > 0) {
      const index = waiting.findLastIndex(({ needs }) => needs.every((need) => done.has(need)));
      const [step] = index === -1 ? [] : waiting.splice(index, 1);
      if (step === undefined) throw new Error(`steps wait for each other or for none: ${waiting.map(({ id }) => id).join(', ')}`);
      this.#do(step);
      done.add(step.id);
    }
  }

  #do({ action, host, via }: Step): void {
    if (host === SWARM && (via === undefined || this.#managerName() !== via)) throw new Error(`${via} is not a swarm manager`);
    switch (action.kind) {
      case 'image.ensure':
        this.images.set(host, { ...this.images.get(host), [action.image]: IMAGE(action.image) });
        return;
      case 'swarm.init':
        if (this.nodes.size > 0) throw new Error('already part of a swarm');
        this.clusterLabels = action.labels;
        this.#admit(host, {});
        return;
      case 'swarm.join':
        if (!this.nodes.has(action.manager)) throw new Error(`no manager at ${action.managerAddress}`);
        this.#admit(host, action.labels);
        return;
      case 'swarm.leave':
        if (action.manager === undefined && this.nodes.size > 1) throw new Error('the manager leaves before its workers');
        if (action.manager === undefined && this.services.length + this.networks.length > 1)
          throw new Error('something lives in the swarm');
        this.nodes.delete(host);
        if (this.nodes.size === 0) [this.services, this.networks, this.clusterLabels] = [[], [], {}];
        return;
      case 'network.create': {
        const { name, driver, internal, enableIPv6, options, ipam } = action.wish;
        if (this.networks.some((each) => each.name === name)) throw new Error(`network with name ${name} already exists`);
        const pools = ipam.map((pool) => ({ auxAddresses: {}, ...pool }));
        const network = { id: this.#newId(), driver, scope: 'swarm', internal, enableIPv6, labels: action.labels, pools };
        this.networks.push(
          liveNetwork(name, { ...network, options: { ...options, 'com.docker.network.driver.overlay.vxlanid_list': '4097' } }),
        );
        return;
      }
      case 'network.remove': {
        const user = this.services.find(({ networkIds }) => networkIds.includes(action.id));
        if (user !== undefined) throw new Error(`network ${action.name} is in use by service ${user.name}`);
        this.networks = this.networks.filter(({ id }) => id !== action.id);
        return;
      }
      case 'service.create':
        this.#create(action);
        return;
      case 'service.scale':
        this.change(action.name, { replicas: action.replicas });
        return;
      case 'service.remove':
        this.services = this.services.filter(({ id }) => id !== action.id);
        return;
      case 'service.converge':
        this.service(action.name);
        this.broken.delete(action.name);
        return;
      default:
        throw new Error(`no step of a swarm: ${action.kind}`);
    }
  }

  #create({ wish, labels, nodes }: Extract<Step['action'], { kind: 'service.create' }>): void {
    if (this.services.some(({ name }) => name === wish.name)) throw new Error('name conflicts with an existing object');
    for (const host of nodes) {
      if (!this.nodes.has(host)) throw new Error(`${host} is no node`);
      if (this.images.get(host)?.[wish.image] === undefined) throw new Error(`No such image on ${host}: ${wish.image}`);
    }
    const taken = this.services.flatMap(({ ports }) => ports).map(({ publishedPort }) => publishedPort);
    const clash = wish.ports.find(({ publishedPort }) => taken.includes(publishedPort));
    if (clash !== undefined) throw new Error(`port '${clash.publishedPort}' is already in use by service`);
    const networkIds = wish.networks.map(({ network: wanted }) => {
      const found = this.networks.find(({ name }) => name === wanted);
      if (found === undefined) throw new Error(`network ${wanted} not found`);
      return found.id;
    });
    const aliases = Object.fromEntries(wish.networks.map((network, index) => [networkIds[index], network.aliases]));
    this.services.push({
      ...{
        id: this.#newId(),
        name: wish.name,
        labels,
        image: this.images.get(nodes[0] ?? '')?.[wish.image]?.id ?? '',
        endpointMode: wish.endpointMode,
        networkIds,
      },
      ...(wish.replicas === 'global' ? { mode: 'global', replicas: undefined } : { mode: 'replicated', replicas: wish.replicas }),
      ports: wish.ports.map(({ hostIp: _, ...port }) => port),
      ...{ environment: wish.environment, command: wish.command, extraHosts: wish.extraHosts, aliases, virtualIps: {} },
      constraints: wish.placement === undefined ? [] : [`node.id==${this.nodes.get(wish.placement)?.id}`],
      update: undefined,
    });
  }

  #admit(host: string, labels: Labels): void {
    this.nodes.set(host, { id: this.#newId(), labels });
    if (this.networks.length === 0)
      this.networks.push(
        liveNetwork('ingress', { id: 'ingress', driver: 'overlay', scope: 'swarm', pools: [{ subnet: '10.0.0.0/24', auxAddresses: {} }] }),
      );
  }

  #managerName(): string | undefined {
    return [...this.nodes.keys()][0];
  }

  #pictureOf(host: string): SwarmPicture {
    const isManager = this.#managerName() === host;
    const manager = this.hosts.find(({ name }) => name === this.#managerName());
    const cluster = { id: 'cluster', labels: this.clusterLabels, addressPools: ['10.0.0.0/8'], dataPathPort: 4789 };
    const address = this.hosts.find(({ name }) => name === host)?.address ?? '';
    const told = { state: 'active', error: '', address, isManager, managerAddresses: [`${manager?.address}:2377`] } as const;
    const swarm = { ...told, nodeId: this.nodes.get(host)?.id ?? '', cluster: isManager ? cluster : undefined };
    if (!isManager) return { swarm, nodes: [], services: [], tasks: [] };
    return { swarm, nodes: this.#nodeList(), services: this.services, tasks: this.services.flatMap((service) => this.#tasksOf(service)) };
  }

  #nodeList(): readonly SwarmNode[] {
    return [...this.nodes].map(([hostname, { id, labels }], index) => ({
      ...{ id, hostname, state: 'ready', availability: 'active', managerStatus: this.#managerStatus(hostname, index), labels },
      ...{ address: this.hosts.find(({ name }) => name === hostname)?.address ?? '', platform: 'linux/amd64', engineVersion: '28.5.2' },
    }));
  }

  #managerStatus(host: string, index: number): SwarmNode['managerStatus'] {
    if (index === 0) return 'leader';
    return this.promoted.has(host) ? 'reachable' : undefined;
  }

  #tasksOf({ id, name, mode, replicas }: SwarmService): readonly SwarmTask[] {
    const nodes = [...this.nodes.values()];
    const error = this.broken.get(name) ?? '';
    return Array.from({ length: mode === 'global' ? nodes.length : (replicas ?? 0) }, (_, index) => ({
      ...{ id: `${id}-${index}`, serviceId: id, slot: mode === 'global' ? 0 : index + 1, nodeId: nodes[index % nodes.length]?.id ?? '' },
      ...{ state: error === '' ? 'running' : 'rejected', desiredState: 'running', message: '', error, createdAt: 1, changedAt: 1 },
      ...{ containerId: `${id}-${index}`, addresses: [] },
    }));
  }

  #newId(): string {
    this.#count += 1;
    return `${this.#idPrefix}${this.#count}`;
  }
}

export const FOREIGN: SwarmService = {
  ...{ id: 'foreign', name: 'grafana', labels: {}, image: 'grafana', mode: 'replicated', replicas: 1, endpointMode: 'vip' },
  ...{
    ports: [],
    environment: {},
    command: [],
    extraHosts: [],
    aliases: {},
    virtualIps: {},
    networkIds: [],
    constraints: [],
    update: undefined,
  },
};

/** Labels of another project. */
export const OTHERS: Labels = { [LABEL.project]: 'other', [LABEL.scenario]: 'other', [LABEL.resource]: 'service/grafana' };
