import type { LiveContainer, LiveEngine, LiveImageState, LiveNetwork } from '../../src/domain/live.ts';
import type { Step } from '../../src/domain/plan.ts';
import type { ContainerWish, ServiceAttachment } from '../../src/domain/scenario.ts';

/**
 * A model of what an engine holds, just strict enough to catch steps in a wrong order: it refuses what an engine refuses.
 * Plans are pure, so this is where they are judged; that engines agree is the business of the tests on engines.
 */
export class ModelEngine {
  readonly host: string;
  networks: LiveNetwork[] = [];
  containers: LiveContainer[] = [];
  images: Record<string, LiveImageState> = {};
  #count = 0;
  services: LiveEngine['services'] = [];
  /** What each container asked to publish; it publishes while it runs and is on a network (seen on 20.10). */
  readonly #asked = new Map<string, LiveContainer['ports']>();

  constructor(host: string) {
    this.host = host;
  }

  get live(): LiveEngine {
    return {
      host: this.host,
      version: '20.10.24',
      networks: this.networks,
      containers: this.containers,
      services: this.services,
      images: this.images,
    };
  }

  newId(): string {
    this.#count += 1;
    // No two engines give the same one.
    return `${Buffer.from(this.host).toString('hex')}${this.#count}`.padStart(64, 'a');
  }

  /** Does the steps in the order that their needs allow. */
  execute(steps: readonly Step[]): void {
    const done = new Set<string>();
    const waiting = [...steps];
    while (waiting.length > 0) {
      // The last that may run, so that an order that only the list suggests is not relied on.
      const index = waiting.findLastIndex(({ needs }) => needs.every((need) => done.has(need)));
      const [step] = index === -1 ? [] : waiting.splice(index, 1);
      if (step === undefined) throw new Error(`steps wait for each other or for none: ${waiting.map(({ id }) => id).join(', ')}`);
      if (done.has(step.id)) throw new Error(`step ${step.id} is there twice`);
      this.#do(step);
      done.add(step.id);
    }
  }

  change(name: string, change: (container: LiveContainer) => Partial<LiveContainer>): void {
    const container = this.#container(name);
    this.containers = this.containers.map((each) => (each === container ? { ...each, ...change(each) } : each));
  }

  network(name: string): LiveNetwork {
    const network = this.networks.find((each) => each.name === name);
    if (network === undefined) throw new Error(`network ${name} not found`);
    return network;
  }

  #container(name: string): LiveContainer {
    const container = this.containers.find((each) => each.name === name);
    if (container === undefined) throw new Error(`no such container: ${name}`);
    return container;
  }

  #do({ action }: Step): void {
    switch (action.kind) {
      case 'image.ensure':
        this.images[action.image] = {
          id: this.images[action.image]?.current === true ? '' : `sha256:${this.newId()}`,
          platform: 'linux/amd64',
          current: true,
        };
        return;
      case 'network.create': {
        const { name, driver, internal, enableIPv6, options, ipam } = action.wish;
        if (this.networks.some((each) => each.name === name)) throw new Error(`network with name ${name} already exists`);
        const pools = ipam.length === 0 ? [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }] : ipam;
        this.networks.push({
          ...{ id: this.newId(), name, driver, scope: 'local', internal, attachable: false, enableIPv6, labels: action.labels },
          options: { ...options, 'com.docker.network.enable_ipv4': 'true' },
          pools: pools.map((pool) => ({ auxAddresses: {}, ...pool })),
          ...{ endpoints: [], raw: {} },
        });
        return;
      }
      case 'network.remove': {
        const user = this.containers.find(
          ({ state, networks }) => state !== 'exited' && Object.values(networks).some(({ networkId }) => networkId === action.id),
        );
        if (user !== undefined) throw new Error(`network ${action.name} has active endpoints: ${user.name}`);
        this.networks = this.networks.filter(({ id }) => id !== action.id);
        return;
      }
      case 'network.connect':
        if (this.#container(action.container).networks[action.network] !== undefined)
          throw new Error(`endpoint already exists in ${action.network}`);
        this.change(action.container, ({ id, networks, ports }) => ({
          networks: { ...networks, ...this.#attach([action]) },
          ports: this.#asked.get(id) ?? ports,
        }));
        return;
      case 'network.disconnect':
        this.network(action.network);
        if (this.#container(action.container).networks[action.network] === undefined)
          throw new Error(`${action.container} is not connected`);
        this.change(action.container, ({ networks }) => ({
          networks: Object.fromEntries(Object.entries(networks).filter(([name]) => name !== action.network)),
        }));
        return;
      case 'container.run':
        this.#run(action.wish, action.labels);
        return;
      case 'container.start':
        if (action.unpause !== (this.#container(action.name).state === 'paused')) throw new Error(`${action.name} is not paused, or is`);
        for (const { networkId } of Object.values(this.#container(action.name).networks)) {
          if (!this.networks.some(({ id }) => id === networkId)) throw new Error(`network ${networkId} not found`);
        }
        this.change(action.name, ({ id, ports }) => ({ state: 'running', ports: this.#asked.get(id) ?? ports }));
        return;
      case 'agent.end':
      case 'container.remove':
        this.containers = this.containers.filter(({ id }) => id !== action.id);
        return;
      case 'host.look':
        return;
      case 'container.ready':
        if (this.#container(action.name).state !== 'running') throw new Error(`${action.name} is not running`);
        return;
      default:
        throw new Error(`an engine on its own does no ${action.kind}`);
    }
  }

  #run(wish: ContainerWish, labels: Readonly<Record<string, string>>): void {
    const image = this.images[wish.image];
    if (image === undefined) throw new Error(`No such image: ${wish.image}`);
    if (this.containers.some(({ name }) => name === wish.name))
      throw new Error(`Conflict. The container name "/${wish.name}" is already in use`);
    const taken = this.containers.flatMap(({ ports }) => ports).map(({ publishedPort }) => publishedPort);
    const clash = wish.ports.find(({ publishedPort }) => taken.includes(publishedPort));
    if (clash !== undefined) throw new Error(`Bind for 0.0.0.0:${clash.publishedPort} failed: port is already allocated`);
    const id = this.newId();
    const ports = wish.ports.map((port) => ({ ...port, hostIp: port.hostIp === '' ? '0.0.0.0' : port.hostIp }));
    this.#asked.set(id, ports);
    this.containers.push({
      ...{
        id,
        name: wish.name,
        image: wish.image,
        imageId: image.id,
        state: 'running',
        exitCode: 0,
        startedAt: '',
        finishedAt: '',
        labels,
      },
      networks: this.#attach(wish.networks),
      networkMode: wish.networks[0]?.network ?? 'default',
      ports,
    });
  }

  #attach(attachments: readonly ServiceAttachment[]): LiveContainer['networks'] {
    const wanted = attachments.length === 0 ? [{ network: 'bridge', aliases: [] }] : attachments;
    return Object.fromEntries(
      wanted.map(({ network, ipv4Address, aliases }: ServiceAttachment) => [
        network,
        { networkId: this.network(network).id, ipv4Address: ipv4Address ?? '172.18.0.9', macAddress: '', aliases },
      ]),
    );
  }
}
