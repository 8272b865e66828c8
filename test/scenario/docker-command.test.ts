import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { StepAction } from '../../src/domain/plan.ts';
import { type ContainerWish, type NetworkWish, type ServiceWish, SWARM } from '../../src/domain/scenario.ts';
import { dockerCommand, quoteWord } from '../../src/scenario/docker-command.ts';

const network: NetworkWish = {
  kind: 'network',
  host: 'host-A',
  name: 'catnet',
  driver: 'bridge',
  internal: false,
  enableIPv6: false,
  options: {},
  ipam: [],
};
const container: ContainerWish = {
  kind: 'container',
  host: 'host-A',
  name: 'cat-web',
  image: 'pets-console/web',
  command: [],
  environment: {},
  networks: [],
  ports: [],
  extraHosts: [],
  ready: { kind: 'running' },
};

/** What a real shell makes of a command: the arguments that `docker` would be given, one list for each call. */
function argumentsOf(command: string): string[][] {
  const script = `docker() { printf '%s\\0' "$#" "$@"; }\n${command}`;
  const output = execFileSync('sh', ['-c', script], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', HOME: '/somewhere' } });
  const words = output.split('\0').slice(0, -1);
  const calls: string[][] = [];
  while (words.length > 0) calls.push(words.splice(0, Number(words.shift())));
  return calls;
}

function create(change: Partial<NetworkWish>): string {
  return dockerCommand({ kind: 'network.create', wish: { ...network, ...change }, labels: { hidden: 'label' } });
}

function run(change: Partial<ContainerWish>): string {
  return dockerCommand({ kind: 'container.run', wish: { ...container, ...change }, labels: { hidden: 'label' } });
}

function service(change: Partial<ServiceWish>): string {
  const nothing = { command: [], environment: {}, networks: [], ports: [], extraHosts: [] };
  const wish: ServiceWish = {
    kind: 'service',
    host: SWARM,
    name: 'dog-db',
    image: 'redis',
    ...nothing,
    replicas: 1,
    endpointMode: 'vip',
    ...change,
  };
  return dockerCommand({ kind: 'service.create', wish, labels: { hidden: 'label' }, nodes: ['my host-B'] });
}

describe('dockerCommand', () => {
  test.each<[string, StepAction]>([
    ['docker pull redis:7', { kind: 'image.ensure', image: 'redis:7', from: [] }],
    ['docker build -t pets-console/web app-image', { kind: 'image.ensure', image: 'pets-console/web', from: [] }],
    ['docker network create -d bridge catnet', { kind: 'network.create', wish: network, labels: {} }],
    ['docker network rm catnet', { kind: 'network.remove', id: 'x', name: 'catnet' }],
    [
      'docker network connect --ip 10.1.0.5 --alias db catnet cat-db',
      { kind: 'network.connect', network: 'catnet', container: 'cat-db', ipv4Address: '10.1.0.5', aliases: ['db'] },
    ],
    ['docker network disconnect catnet cat-db', { kind: 'network.disconnect', network: 'catnet', container: 'cat-db' }],
    ['docker start cat-db', { kind: 'container.start', id: 'x', name: 'cat-db', unpause: false }],
    ['docker unpause cat-db', { kind: 'container.start', id: 'x', name: 'cat-db', unpause: true }],
    ['docker rm -f -v cat-db', { kind: 'container.remove', id: 'x', name: 'cat-db' }],
    ['', { kind: 'container.ready', name: 'cat-db', ready: { kind: 'running' } }],
  ])('%s', (command, action) => {
    expect(dockerCommand(action)).toBe(command);
  });

  test('creates a network with everything that a scenario can say', () => {
    const command = create({
      internal: true,
      enableIPv6: true,
      options: { 'com.docker.network.bridge.name': 'br cat' },
      ipam: [{ subnet: '10.1.0.0/24', gateway: '10.1.0.1', ipRange: '10.1.0.128/25', auxAddresses: { dns: '10.1.0.2' } }],
    });
    expect(argumentsOf(command)).toEqual([
      ['network', 'create', '-d', 'bridge', '--internal', '--ipv6', '--subnet', '10.1.0.0/24', '--gateway', '10.1.0.1'].concat([
        ...['--ip-range', '10.1.0.128/25', '--aux-address', 'dns=10.1.0.2', '-o', 'com.docker.network.bridge.name=br cat', 'catnet'],
      ]),
    ]);
  });

  test('runs a container with everything that a scenario can say', () => {
    const command = run({
      networks: [{ network: 'catnet', ipv4Address: '10.1.0.5', aliases: ['web'] }],
      ports: [
        { hostIp: '', publishedPort: 8000, targetPort: 5000, protocol: 'tcp' },
        { hostIp: '::1', publishedPort: 53, targetPort: 53, protocol: 'udp' },
      ],
      environment: { DB: 'cat-db', MOTTO: `it's "fine" $HOME \`id\` \\ * ; & | < > #\nnext` },
      extraHosts: ['host-B:192.168.0.12'],
      command: ['sh', '-c', 'echo $HOME', ''],
    });
    expect(argumentsOf(command)).toEqual([
      [
        ...[
          'run',
          '-d',
          '--net',
          'catnet',
          '--ip',
          '10.1.0.5',
          '--network-alias',
          'web',
          '--name',
          'cat-web',
          '-p',
          '8000:5000',
          '-p',
          '[::1]:53:53/udp',
        ],
        ...['-e', 'DB=cat-db', '-e', `MOTTO=it's "fine" $HOME \`id\` \\ * ; & | < > #\nnext`, '--add-host', 'host-B:192.168.0.12'],
        ...['pets-console/web', 'sh', '-c', 'echo $HOME', ''],
      ],
    ]);
  });

  test('joins further networks between create and start, as engines of every age can', () => {
    const command = run({
      networks: [
        { network: 'catnet', aliases: [] },
        { network: 'dognet', ipv4Address: '10.1.0.9', aliases: ['admin'] },
      ],
    });
    expect(argumentsOf(command)).toEqual([
      ['create', '--net', 'catnet', '--name', 'cat-web', 'pets-console/web'],
      ['network', 'connect', '--ip', '10.1.0.9', '--alias', 'admin', 'dognet', 'cat-web'],
      ['start', 'cat-web'],
    ]);
  });

  test('creates a service with everything that a scenario can say; its node is named by an ID, which it has once it joined', () => {
    const command = service({
      networks: [
        { network: 'dognet', aliases: ['store', 'db'] },
        { network: 'catnet', aliases: [] },
      ],
      ports: [
        { hostIp: '', publishedPort: 8000, targetPort: 5000, protocol: 'tcp', mode: 'ingress' },
        { hostIp: '', publishedPort: 53, targetPort: 53, protocol: 'udp', mode: 'host' },
      ],
      environment: { DB: 'cat-db', API_TOKEN: 'x' },
      extraHosts: ['far:10.0.0.9'],
      replicas: 3,
      endpointMode: 'dnsrr',
      placement: 'my host-B',
      command: ['redis-server', '--requirepass', 'hunter2'],
    });
    expect(argumentsOf(`NODE_ID_OF_MY_HOST_B=id7; REQUIREPASS=told; ${command}`)).toEqual([
      [
        ...['service', 'create', '--network', 'name=dognet,alias=store,alias=db', '--network', 'catnet', '-p', '8000:5000'],
        ...['--publish', 'mode=host,published=53,target=53,protocol=udp', '-e', 'DB=cat-db', '-e', 'API_TOKEN', '--host', 'far:10.0.0.9'],
        ...['--replicas', '3', '--endpoint-mode', 'dnsrr', '--constraint', 'node.id==id7', '--name', 'dog-db', 'redis'],
        ...['redis-server', '--requirepass', 'told'],
      ],
    ]);
  });

  test('shows neither labels nor secrets', () => {
    const command = run({ environment: { DB_PASSWORD: 'hunter2', API_KEY: 'k', ROLE: 'cat', DB: 'redis://me:hunter2@db' } });
    expect(command).toBe('docker run -d --name cat-web -e DB_PASSWORD -e API_KEY -e ROLE=cat -e DB pets-console/web');
  });

  test('quotes every text so that a shell gives it back', () => {
    const characters = [...'ab \'"$`\\\n\t*?[]{}()<>|&;#~!=%:,./-+@^_é🐱'];
    let seed = 11;
    const next = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return (seed >> 8) % below;
    };
    const words = Array.from({ length: 500 }, () => Array.from({ length: next(9) }, () => characters[next(characters.length)]).join(''));
    expect(words).toContain('');
    expect(argumentsOf(`docker ${words.map(quoteWord).join(' ')}`)).toEqual([words]);
  });

  test.each([
    [['redis-server', '--requirepass', 'hunter2'], 'redis-server --requirepass "$REQUIREPASS"'],
    [['app', '--api-token=abc', '--port=1'], 'app --api-token="$API_TOKEN" --port=1'],
    [['app', '--passive', 'yes'], 'app --passive yes'],
  ])('leaves the secrets of the command %j to the shell', (command, shown) => {
    expect(run({ image: 'redis', command })).toBe(`docker run -d --name cat-web redis ${shown}`);
  });
});
