import type { LiveEngine } from '../domain/live.ts';
import type { Failing } from '../domain/scenario.ts';

/** A port that the nodes of a swarm speak to each other by. */
export interface SwarmPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** What goes over it. */
  readonly name: string;
  /** The kernel itself listens there, for any interface that uses the port. */
  readonly ofKernel?: true;
  /** What follows where another process has it (measured on 20.10). */
  readonly whenTaken: string;
  /** What follows where it is closed between two hosts. */
  readonly whenClosed: string;
}

/** Docker's own default; a swarm may have another (`docker swarm init --data-path-port`). */
const VXLAN_PORT = 4789;

/** The port of VXLAN in the swarm that some of these engines are in, or are to make. */
export function vxlanPortOf(live: readonly LiveEngine[]): number {
  const [port = VXLAN_PORT] = live.flatMap((engine) => engine.swarm?.swarm.cluster?.dataPathPort ?? []);
  return port;
}

/** Of managers only. */
export const MANAGEMENT: SwarmPort = {
  port: 2377,
  protocol: 'tcp',
  name: 'management of the swarm',
  whenTaken: 'no manager can start here',
  whenClosed: 'it cannot join the swarm',
};

/** An engine that cannot have it says that it is in the swarm and that its tasks run, all the same. */
const DEAF = { name: 'gossip of nodes', whenTaken: 'tasks here would run and reach none on other hosts' };
const UNHEARD = 'neither would learn where the tasks of the other are';

const GOSSIP_TCP: SwarmPort = { port: 7946, protocol: 'tcp', whenClosed: UNHEARD, ...DEAF };
const GOSSIP_UDP: SwarmPort = { port: 7946, protocol: 'udp', whenClosed: UNHEARD, ...DEAF };

function vxlan(port: number): SwarmPort {
  return {
    port,
    protocol: 'udp',
    name: 'VXLAN',
    ofKernel: true,
    whenTaken: 'no task with an overlay network would start here',
    whenClosed: 'tasks on the two hosts would not reach each other',
  };
}

/** What each node takes on its host, and what nodes reach each other by. */
export function memberPorts(vxlanPort: number): readonly SwarmPort[] {
  return [MANAGEMENT, GOSSIP_TCP, GOSSIP_UDP, vxlan(vxlanPort)];
}

/** Whether one host reaches another as the nodes of a swarm must. */
export interface WayQuestion {
  /** Names of hosts. */
  readonly from: string;
  readonly to: string;
  readonly address: string;
  readonly port: SwarmPort;
  /** Asked by UDP with so many bytes, which make a packet as large as the way has to carry; absent where it is as small as can be. */
  readonly payloadBytes?: number;
}

export interface WayAnswer extends WayQuestion {
  /** `unchecked`: whoever listens there says nothing to strangers, or nobody could be made to listen. */
  readonly outcome: 'answered' | 'stranger' | 'unchecked' | Failing;
  /** `EMSGSIZE`: a router on the way said that it takes smaller packets only. */
  readonly detail: string;
}
