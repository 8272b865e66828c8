import { OWN_IMAGE, stageOfOwnImage } from '../domain/own-images.ts';
import type { StepAction } from '../domain/plan.ts';
import type { ContainerWish, NetworkWish, PublishedPort, ServiceAttachment, ServiceWish } from '../domain/scenario.ts';
import { isSecret, isSecretOption } from '../domain/secrets.ts';

/**
 * The `docker` command that does the same as a step, ready to paste into a POSIX shell; empty where Docker has none.
 * It leaves out the host, which is shown beside it, and our labels, which make a thing ours: typed by hand it would be foreign.
 * A secret is named without its value (`-e API_TOKEN`, `--requirepass "$REQUIREPASS"`): it comes from the shell that runs the command.
 */
export function dockerCommand(action: StepAction): string {
  switch (action.kind) {
    case 'image.ensure':
      return imageCommand(action.image);
    case 'network.create':
      return line('docker', 'network', 'create', ...networkOptions(action.wish), action.wish.name);
    case 'network.remove':
      return line('docker', 'network', 'rm', action.name);
    case 'network.connect':
      return line('docker', 'network', 'connect', ...attachmentOptions(action, '--alias'), action.network, action.container);
    case 'network.disconnect':
      return line('docker', 'network', 'disconnect', action.network, action.container);
    case 'container.run':
      return runCommand(action.wish);
    case 'container.start':
      return line('docker', action.unpause ? 'unpause' : 'start', action.name);
    case 'container.remove':
    case 'agent.end':
      return line('docker', 'rm', '-f', '-v', action.name);
    case 'swarm.init':
      return line('docker', 'swarm', 'init', '--advertise-addr', action.advertiseAddress);
    case 'swarm.join':
      return `${line('docker', 'swarm', 'join', '--advertise-addr', action.advertiseAddress)} --token "$JOIN_TOKEN" ${quoteWord(action.managerAddress)}`;
    case 'swarm.leave':
      return line('docker', 'swarm', 'leave', ...(action.manager === undefined ? ['--force'] : []));
    case 'service.create':
      return serviceCommand(action.wish);
    case 'service.scale':
      return line('docker', 'service', 'scale', `${action.name}=${action.replicas}`);
    case 'service.remove':
      return line('docker', 'service', 'rm', action.name);
    case 'host.look':
    case 'container.ready':
    case 'service.converge':
      return '';
  }
}

/** The web server is what our recipe makes unless a stage is named. */
function imageCommand(image: string): string {
  const stage = stageOfOwnImage(image);
  if (stage === undefined) return line('docker', 'pull', image);
  return line('docker', 'build', ...(stage === stageOfOwnImage(OWN_IMAGE) ? [] : ['--target', stage]), '-t', image, 'app-image');
}

/** One word of a POSIX shell. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function line(...words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

function networkOptions(wish: NetworkWish): readonly string[] {
  return [
    ...['-d', wish.driver],
    ...(wish.internal ? ['--internal'] : []),
    ...(wish.enableIPv6 ? ['--ipv6'] : []),
    ...(wish.attachable === true ? ['--attachable'] : []),
    ...wish.ipam.flatMap(({ subnet, gateway, ipRange, auxAddresses }) => [
      ...['--subnet', subnet],
      ...(gateway === undefined ? [] : ['--gateway', gateway]),
      ...(ipRange === undefined ? [] : ['--ip-range', ipRange]),
      ...Object.entries(auxAddresses ?? {}).flatMap(([name, address]) => ['--aux-address', `${name}=${address}`]),
    ]),
    ...Object.entries(wish.options).flatMap(([name, value]) => ['-o', value === '' ? name : `${name}=${value}`]),
  ];
}

/** `docker run` joins one network on engines of every age; further ones are joined between create and start. */
function runCommand(wish: ContainerWish): string {
  const [first, ...others] = wish.networks;
  const options = [
    ...(first === undefined ? [] : ['--net', first.network, ...attachmentOptions(first, '--network-alias')]),
    ...['--name', wish.name],
    ...wish.ports.flatMap((port) => ['-p', portText(port)]),
    ...environmentOptions(wish.environment),
    ...wish.extraHosts.flatMap((host) => ['--add-host', host]),
  ];
  const what = [line(...options, wish.image), ...secretsFromShell(wish.command)].join(' ');
  if (others.length === 0) return `docker run -d ${what}`;
  const joins = others.map((other) =>
    line('docker', 'network', 'connect', ...attachmentOptions(other, '--alias'), other.network, wish.name),
  );
  return [`docker create ${what}`, ...joins, line('docker', 'start', wish.name)].join(' && ');
}

/** The guide's own words where they are enough: `--network dognet`, `-p 8000:5000`. */
function serviceCommand(wish: ServiceWish): string {
  const options = [
    ...wish.networks.flatMap(({ network, aliases }) => ['--network', networkOption(network, aliases)]),
    ...wish.ports.flatMap((port) => (port.mode === 'ingress' ? ['-p', portText(port)] : ['--publish', hostPortOption(port)])),
    ...environmentOptions(wish.environment),
    ...wish.extraHosts.flatMap((host) => ['--host', host]),
    ...(wish.replicas === 'global' ? ['--mode', 'global'] : wish.replicas === 1 ? [] : ['--replicas', String(wish.replicas)]),
    ...(wish.endpointMode === 'vip' ? [] : ['--endpoint-mode', wish.endpointMode]),
  ];
  return [
    line('docker', 'service', 'create', ...options),
    ...(wish.placement === undefined ? [] : [placementOption(wish.placement)]),
    line('--name', wish.name, wish.image),
    ...secretsFromShell(wish.command),
  ].join(' ');
}

/** By a node's ID, which it has once it joined: two can bear one host name, and a host may be known by another name here. */
function placementOption(host: string): string {
  return `--constraint "node.id==$NODE_ID_OF_${host.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase()}"`;
}

function networkOption(network: string, aliases: readonly string[]): string {
  return aliases.length === 0 ? network : [`name=${network}`, ...aliases.map((alias) => `alias=${alias}`)].join(',');
}

function hostPortOption({ publishedPort, targetPort, protocol }: PublishedPort): string {
  return `mode=host,published=${publishedPort},target=${targetPort}${protocol === 'tcp' ? '' : `,protocol=${protocol}`}`;
}

/** The words of a command, quoted; the value of an option that names a secret is left to the shell that runs it: `--requirepass "$REQUIREPASS"`. */
function secretsFromShell(words: readonly string[]): readonly string[] {
  return words.map((word, index) => {
    const [option = '', ...value] = word.split('=');
    if (value.length > 0 && isSecretOption(option)) return `${option}=${shellVariable(option)}`;
    const before = words[index - 1] ?? '';
    return isSecretOption(before) ? shellVariable(before) : quoteWord(word);
  });
}

function shellVariable(option: string): string {
  return `"$${option.replace(/^-+/, '').replaceAll('-', '_').toUpperCase()}"`;
}

function environmentOptions(environment: ContainerWish['environment']): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) => ['-e', isSecret(name, value) ? name : `${name}=${value}`]);
}

function attachmentOptions({ ipv4Address, aliases }: Omit<ServiceAttachment, 'network'>, aliasOption: string): readonly string[] {
  return [...(ipv4Address === undefined ? [] : ['--ip', ipv4Address]), ...aliases.flatMap((alias) => [aliasOption, alias])];
}

/** As `docker run -p` takes it. */
export function portText({ hostIp, publishedPort, targetPort, protocol }: PublishedPort): string {
  const address = hostIp === '' ? '' : `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:`;
  return `${address}${publishedPort}:${targetPort}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}
