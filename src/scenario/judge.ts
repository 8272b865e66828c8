import type { Labels } from '../domain/labels.ts';
import type { LiveContainer, LiveEngine, LiveNetwork } from '../domain/live.ts';
import type { BoundHost, ContainerWish, NetworkWish, Wish } from '../domain/scenario.ts';
import { type ContainerDrift, compareContainer, compareNetwork } from './compare.ts';
import { findOwned, type Holdings, type Owned } from './holdings.ts';
import { type HostWishes, resourceOf } from './wishes.ts';

/** All that the plan of one host depends on. */
export interface HostSituation {
  readonly scenario: string;
  readonly project: string;
  readonly host: BoundHost;
  readonly engine: LiveEngine;
  /** Every engine of the plan that answered, this one too. */
  readonly live: readonly LiveEngine[];
  readonly holdings: Holdings;
  readonly wishes: HostWishes;
  readonly labelsOf: (wish: Wish) => Labels;
}

export interface NetworkVerdict {
  readonly wish: NetworkWish;
  readonly live: LiveNetwork | undefined;
  /** Why it is made anew; undefined for one that is missing or as wished. */
  readonly renewal: string | undefined;
}

export interface ContainerVerdict {
  readonly wish: ContainerWish;
  readonly live: LiveContainer | undefined;
  readonly drift: ContainerDrift;
}

/** Everything that was decided about a host, before it is put into steps. */
export interface Verdicts {
  readonly networks: readonly NetworkVerdict[];
  readonly containers: readonly ContainerVerdict[];
  /** Ours, and no longer wished by the scenario that made them. */
  readonly surplusNetworks: readonly LiveNetwork[];
  readonly surplusContainers: readonly LiveContainer[];
}

/** Compares what is wished on a host with what is there. */
export function judge({ scenario, engine, holdings, wishes }: HostSituation): Verdicts {
  const networks = wishes.networks.map((wish): NetworkVerdict => {
    const live = findOwned(holdings.networks, wish);
    const reasons = live === undefined ? [] : compareNetwork(wish, live);
    return { wish, live, renewal: reasons.length === 0 ? undefined : reasons.join('; ') };
  });
  const renewed = networks.filter(({ renewal }) => renewal !== undefined).map(({ wish }) => wish.name);
  const containers = wishes.containers.map((wish): ContainerVerdict => {
    const live = findOwned(holdings.containers, wish);
    return { wish, live, drift: live === undefined ? { kind: 'none' } : compareContainer(wish, live, engine, renewed) };
  });
  const kept = new Set([...networks, ...containers].flatMap(({ live }) => (live === undefined ? [] : [live.id])));
  const wished = new Set([...wishes.networks, ...wishes.containers].map(resourceOf));
  // A resource of another scenario of the project is that scenario's, unless it is a second copy of what this one wishes.
  const isSurplus = <T extends { readonly id: string }>({ live, owner }: Owned<T>): boolean =>
    !kept.has(live.id) && (owner.scenario === scenario || wished.has(owner.resource));
  return {
    networks,
    containers,
    surplusNetworks: holdings.networks.filter(isSurplus).map(({ live }) => live),
    surplusContainers: holdings.containers.filter(isSurplus).map(({ live }) => live),
  };
}
