import type { ContainerWish, NetworkWish, ServiceWish } from '../domain/scenario.ts';
import { portText } from './docker-command.ts';
import { isLoopback } from './published-port.ts';
import { isRedis } from './wishes.ts';

/** Databases that whoever reaches the host, or the wire, may read and change: nobody is asked for a password. */
export function openDatabases(
  containers: readonly ContainerWish[],
  networks: readonly NetworkWish[],
  services: readonly ServiceWish[] = [],
): readonly string[] {
  return [...containers.filter(isOpen).flatMap((wish) => openWays(wish, networks)), ...services.filter(isOpen).flatMap(openOnSwarm)];
}

function isOpen(wish: ContainerWish | ServiceWish): boolean {
  return isRedis(wish.image) && !hasPassword(wish);
}

function openOnSwarm({ name, ports }: ServiceWish): readonly string[] {
  return ports.map(({ publishedPort, mode }) => {
    const place = mode === 'ingress' ? 'every host of the swarm' : 'each host that a task runs on';
    return `${name}: port ${publishedPort} of ${place} is open to everyone who reaches it, and the database has no password; publish nothing, or ${SET_PASSWORD}`;
  });
}

function openWays(wish: ContainerWish, networks: readonly NetworkWish[]): readonly string[] {
  const { name, host } = wish;
  const published = wish.ports
    .filter(({ hostIp }) => !isLoopback(hostIp))
    .map((port) => {
      const everywhere = ['', '0.0.0.0', '::'].includes(port.hostIp);
      const place = everywhere ? host : `${port.hostIp} (${host})`;
      const narrower = portText({ ...port, hostIp: 'IP' });
      const remedy = everywhere ? `bind it to one address, "${narrower}", or ${SET_PASSWORD}` : SET_PASSWORD;
      return `${name}: port ${port.publishedPort} of ${place} is open to everyone who reaches ${place}, and the database has no password; ${remedy}`;
    });
  const onTheWire = wish.networks.flatMap(({ network, ipv4Address }) => {
    const isMacvlan = networks.some((each) => each.host === host && each.name === network && each.driver === 'macvlan');
    const place = ipv4Address ?? `its address on network ${network}`;
    return isMacvlan ? [`${name}: ${place} is open to everyone on the underlay, and the database has no password; ${SET_PASSWORD}`] : [];
  });
  return [...published, ...onTheWire];
}

const SET_PASSWORD = 'start it with --requirepass';

function hasPassword({ command }: Pick<ContainerWish, 'command'>): boolean {
  return command.some((word, index) => {
    const [option, value] = word.split('=');
    if (option !== '--requirepass' && option !== 'requirepass') return false;
    return (value ?? command[index + 1] ?? '') !== '';
  });
}
