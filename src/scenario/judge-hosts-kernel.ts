import type { HostFacts } from '../domain/host-facts.ts';
import { type FeatureVerdict, featureVerdict, type KernelFeature, modulesOf } from '../domain/kernel-features.ts';
import { own } from '../domain/own.ts';
import type { Scenario, ServiceWish } from '../domain/scenario.ts';
import type { Coming, SwarmComing, Verdict } from './judge-hosts-coming.ts';

/** Modules whose state tells whether the kernels of the nodes can do what comes to their swarm. */
export function modulesForSwarm(swarm: SwarmComing, scenario: Scenario): readonly string[] {
  return [...new Set(needsOf(swarm, scenario).flatMap(({ feature }) => modulesOf(feature)))];
}

/** Whether the kernel of a node can do what comes to its swarm: Docker asks nothing of the sort, and calls a service that nobody reaches 1/1. */
export function judgeKernel({ host, facts, swarm }: Coming, scenario: Scenario): Verdict {
  if (facts === undefined || swarm === undefined) return { obstacles: [], warnings: [] };
  const verdicts = needsOf(swarm, scenario).map((need) => ({ need, verdict: featureVerdict(need.feature, facts.modules) }));
  const absent = verdicts.filter(({ verdict }) => verdict.state === 'absent');
  const unknown = verdicts.filter(({ verdict }) => verdict.state === 'unknown');
  return {
    obstacles: absent.map(({ need, verdict }) => ({
      host: host.name,
      resource: `host/${host.name}`,
      message: `the kernel (${facts.kernelVersion}) has no ${verdict.because.join(', ')}: ${need.consequence}`,
      hint: need.remedy,
    })),
    warnings: unknown.map(
      ({ need, verdict }) =>
        `whether the kernel of ${host.name} (${facts.kernelVersion}) has ${verdict.because.join(', ')} could not be told; without, ${need.consequence}; see: ${probeCommand(verdict)}`,
    ),
  };
}

/** What a kernel has for overlay networks, for people: the feature, its state, and what follows. */
export function overlayFeatures({ modules }: Pick<HostFacts, 'modules'>): readonly string[] {
  const asked = FEATURES.filter(({ feature }) => modulesOf(feature).every((name) => own(modules, name) !== undefined));
  return asked.map(({ feature, name, without }) => {
    const { state, because } = featureVerdict(feature, modules);
    switch (state) {
      case 'present':
        return `${name}: ${modulesOf(feature)[0]} present`;
      case 'loadable':
        return `${name}: ${because.join(', ')} loadable, which Docker loads when it is needed; a rootless engine may not`;
      case 'absent':
        return `${name}: ${because.join(', ')} absent, so ${without}`;
      case 'unknown':
        return `${name}: ${because.join(', ')} unknown; see: ${probeCommand({ because })}`;
      default:
        return state satisfies never;
    }
  });
}

/** Modules that `overlayFeatures` tells of. */
export function overlayModules(): readonly string[] {
  return FEATURES.flatMap(({ feature }) => modulesOf(feature));
}

const NO_OVERLAY = 'no task with an overlay network starts';
const NO_MESH = 'virtual IPs and the routing mesh do not answer, although services would say 1/1';
const NO_ENCRYPTION = 'encrypted overlays carry nothing';

const FEATURES: readonly { readonly feature: KernelFeature; readonly name: string; readonly without: string }[] = [
  { feature: 'vxlan', name: 'overlay networks', without: NO_OVERLAY },
  { feature: 'virtual-ip', name: 'virtual IPs and routing mesh', without: NO_MESH },
  { feature: 'encryption', name: 'encrypted overlays', without: NO_ENCRYPTION },
];

interface Need {
  readonly feature: KernelFeature;
  readonly consequence: string;
  readonly remedy: string;
}

function needsOf(swarm: SwarmComing, scenario: Scenario): readonly Need[] {
  const services = swarm.services.map(({ wish }) => wish);
  const encrypted = encryptedOverlays(swarm, scenario);
  return [
    { feature: 'vxlan', consequence: NO_OVERLAY, remedy: OTHER_KERNEL },
    ...(services.some(needsVirtualIp)
      ? [{ feature: 'virtual-ip', consequence: NO_MESH, remedy: withoutVirtualIps(services, scenario) } as const]
      : []),
    ...(encrypted.length > 0
      ? [{ feature: 'encryption', consequence: `${NO_ENCRYPTION} (${encrypted.join(', ')})`, remedy: withoutEncryption(scenario) } as const]
      : []),
  ];
}

/** A name that leads to a virtual IP, or a port of the mesh, which is another one. */
function needsVirtualIp({ endpointMode, networks, ports }: ServiceWish): boolean {
  return (endpointMode === 'vip' && networks.length > 0) || ports.some(({ mode }) => mode === 'ingress');
}

/** Those that come, and those that stand and get tasks of what comes. */
export function encryptedOverlays(swarm: SwarmComing, scenario: Scenario): readonly string[] {
  const attached = swarm.services.flatMap(({ wish }) => wish.networks.map(({ network }) => network));
  const names = new Set([...swarm.networks.map(({ name }) => name), ...attached]);
  return [...names].filter((name) => own(scenario.networks, name)?.driverOpts.encrypted !== undefined);
}

const OTHER_KERNEL = "run it on hosts with a distribution's own kernel";
const NO_ROUTING_MESH = 'which is no routing mesh: each port answers only on nodes that run a task';

function withoutVirtualIps(services: readonly ServiceWish[], scenario: Scenario): string {
  const usesMesh = services.some(({ ports }) => ports.some(({ mode }) => mode === 'ingress'));
  const [variant] = Object.entries(scenario.variants).find(
    ([, { endpointMode, publish }]) => endpointMode === 'dnsrr' && (publish === 'host' || !usesMesh),
  ) ?? [undefined];
  const disclaimer = usesMesh ? `, ${NO_ROUTING_MESH}` : '';
  if (variant !== undefined) return `pets-console up ${scenario.name} --variant ${variant}${disclaimer}; else ${OTHER_KERNEL}`;
  return `give its services endpoint_mode: dnsrr${usesMesh ? ', and its ports mode: host' : ''}${disclaimer}; else ${OTHER_KERNEL}`;
}

function withoutEncryption({ networks }: Scenario): string {
  const names = Object.keys(networks).filter((name) => own(networks, name)?.driverOpts.encrypted !== undefined);
  return `${OTHER_KERNEL}; or leave driver_opts.encrypted of ${names.join(', ')} away`;
}

function probeCommand({ because }: Pick<FeatureVerdict, 'because'>): string {
  // Of two of which either will do, the first.
  return because.map((words) => `sudo modprobe ${words.split(' ')[0]}`).join('; ');
}
