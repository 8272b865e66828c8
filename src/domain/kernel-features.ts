import type { ModuleState } from './host-facts.ts';
import { own } from './own.ts';

/** What a network may need of the kernel of a host. */
export type KernelFeature = 'vlan' | 'vxlan' | 'virtual-ip' | 'encryption';

/**
 * The modules that each takes: all of a list, and of those in a list of their own one. As the engine uses them: `virtual-ip` is what services and the routing
 * mesh are balanced by; an encrypted overlay marks its packets by `u32`, since 23.0 else by `bpf`, and hands them to ESP (libnetwork, drivers/overlay/encryption.go).
 * An engine loads them itself, or the kernel does.
 */
const MODULES_OF: Readonly<Record<KernelFeature, readonly (readonly string[])[]>> = {
  vlan: [['8021q']],
  vxlan: [['vxlan']],
  'virtual-ip': [['ip_vs'], ['ip_vs_rr'], ['xt_ipvs']],
  encryption: [['esp4'], ['xfrm_user'], ['xt_policy'], ['xt_mark'], ['xt_u32', 'xt_bpf']],
};

/** What a look has to ask for, to tell `featureVerdict`. */
export function modulesOf(feature: KernelFeature): readonly string[] {
  return MODULES_OF[feature].flat();
}

export interface FeatureVerdict {
  /** Of all that it takes the worst. */
  readonly state: ModuleState;
  /** Why it is no better: `ip_vs`, or `xt_u32 or xt_bpf`; empty where all is present. */
  readonly because: readonly string[];
}

/** From best to worst. */
const ORDER = ['present', 'loadable', 'unknown', 'absent'] as const;

/** Whether a kernel can do something, by the states of its modules as a look tells them; one that was not asked for is unknown. Pure. */
export function featureVerdict(feature: KernelFeature, modules: Readonly<Record<string, ModuleState>>): FeatureVerdict {
  const needs = MODULES_OF[feature].map((choice) => {
    const ranks = choice.map((name) => ORDER.indexOf(own(modules, name) ?? 'unknown'));
    return { words: choice.join(' or '), rank: Math.min(...ranks) };
  });
  const worst = Math.max(...needs.map(({ rank }) => rank));
  return {
    state: ORDER[worst] ?? 'unknown',
    because: worst === 0 ? [] : needs.filter(({ rank }) => rank === worst).map(({ words }) => words),
  };
}
