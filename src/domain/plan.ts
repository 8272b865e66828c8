import type { Labels } from './labels.ts';
import type { BoundHost, ContainerWish, NetworkWish, Readiness, ServiceWish } from './scenario.ts';

/** What a step does on its engine: everything the executor needs, as plain values. */
export type StepAction =
  // `from`: hosts that have it, to copy from where it can neither be pulled nor built.
  | { readonly kind: 'image.ensure'; readonly image: string; readonly from: readonly string[] }
  // What only an agent in the host's own network namespace can see: ports, routes, the wire.
  | { readonly kind: 'host.look' }
  | { readonly kind: 'network.create'; readonly wish: NetworkWish; readonly labels: Labels }
  | { readonly kind: 'network.remove'; readonly id: string; readonly name: string }
  | {
      readonly kind: 'network.connect';
      readonly network: string;
      readonly container: string;
      readonly ipv4Address?: string;
      readonly aliases: readonly string[];
    }
  | { readonly kind: 'network.disconnect'; readonly network: string; readonly container: string }
  | { readonly kind: 'container.run'; readonly wish: ContainerWish; readonly labels: Labels }
  | { readonly kind: 'container.start'; readonly id: string; readonly name: string; readonly unpause: boolean }
  | { readonly kind: 'container.remove'; readonly id: string; readonly name: string }
  | { readonly kind: 'agent.end'; readonly id: string; readonly name: string; readonly beside: string }
  | { readonly kind: 'container.ready'; readonly name: string; readonly ready: Readiness }
  // `labels` are those of the swarm's spec, and make it ours.
  | { readonly kind: 'swarm.init'; readonly advertiseAddress: string; readonly labels: Labels }
  // `manager` is the name of a host, `labels` those of the new node.
  | {
      readonly kind: 'swarm.join';
      readonly manager: string;
      readonly managerAddress: string;
      readonly advertiseAddress: string;
      readonly labels: Labels;
    }
  // With a `manager`, the node is taken off its list; without one, it is the last, and takes the swarm along. `gone` are the IDs of what goes
  // before: whatever else lives in the swarm keeps it.
  | { readonly kind: 'swarm.leave'; readonly nodeId: string; readonly manager?: string; readonly gone: readonly string[] }
  // `nodes` are the names of the hosts whose nodes may take its tasks.
  | { readonly kind: 'service.create'; readonly wish: ServiceWish; readonly labels: Labels; readonly nodes: readonly string[] }
  | { readonly kind: 'service.scale'; readonly id: string; readonly name: string; readonly replicas: number }
  | { readonly kind: 'service.remove'; readonly id: string; readonly name: string }
  // Waits until its tasks run, each ready in the way given.
  | { readonly kind: 'service.converge'; readonly name: string; readonly ready: Readiness };

/** A step as it is told and shown. */
export interface StepOutline {
  /** `host-A/network/catnet/create`: unique within a plan, stable across runs. */
  readonly id: string;
  /** The name of a host, or `SWARM` for what belongs to all of its nodes. */
  readonly host: string;
  /** The host whose engine is asked, a manager, where `host` is the swarm. */
  readonly via?: string;
  /** `network/catnet`, `container/cat-db`, `service/dog-web`, `swarm`, `image/redis`. */
  readonly resource: string;
  /** `create network catnet`. */
  readonly title: string;
  /** Why it is needed, when that is not plain: `env DB differs`, `stopped by hand`. */
  readonly reason?: string;
  /** The `docker` command that does the same, ready to paste; empty where Docker has none. */
  readonly command: string;
  readonly needs: readonly string[];
}

/** One node of the graph. It starts when every step that it needs has finished. */
export interface Step extends StepOutline {
  readonly action: StepAction;
}

/** What stands in the way, with its owner. */
export interface Obstacle {
  readonly host: string;
  readonly resource: string;
  readonly message: string;
  /** Who holds what we need: `container grafana`, `network old_default`, `process`. */
  readonly owner?: string;
  readonly hint: string;
}

export type PlanVerb = 'up' | 'down';

export interface Plan {
  readonly verb: PlanVerb;
  readonly scenario: string;
  readonly project: string;
  /** The variant of the scenario; absent for its own way. */
  readonly variant?: string;
  readonly hosts: readonly BoundHost[];
  readonly steps: readonly Step[];
  /** Resources that already are as wished: `host-A/network/catnet`. */
  readonly unchanged: readonly string[];
  readonly obstacles: readonly Obstacle[];
  readonly warnings: readonly string[];
}

/** A plan as it is told and shown. */
export type PlanOutline = Omit<Plan, 'steps'> & { readonly steps: readonly StepOutline[] };
