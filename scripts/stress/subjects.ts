/** A scenario that is brought up, killed and taken down. */
export interface Subject {
  readonly scenario: string;
  /** For `up` and `plan`; `down` finds what stands by its labels. */
  readonly flags: readonly string[];
  /** Which part of `--kills` falls on it. */
  readonly shareOfKills: number;
  /** It lives in a swarm: it is also run in one that somebody else made. */
  readonly onSwarm: boolean;
}

const ON_HOSTS = ['bridge', 'bridge-bind', 'multi-host-bridge', 'macvlan'];

/** What any kernel can run: macvlan-vlan needs 8021q, the routing mesh ip_vs. Kills are half in `up` and half in `down`. */
export const SUBJECTS: readonly Subject[] = [
  ...ON_HOSTS.map((scenario) => ({ scenario, flags: [], shareOfKills: 2 / ON_HOSTS.length, onSwarm: false })),
  { scenario: 'overlay-tenants', flags: ['--variant', 'dnsrr'], shareOfKills: 1, onSwarm: true },
];
