import type { ScenarioOutline } from '../domain/scenario.ts';
import { type HostRow, selectHosts } from '../domain/select.ts';
import { type HaltedContainer, selectHalted } from '../domain/select-halted.ts';
import { selectTenants, type TenantRow } from '../domain/select-hits.ts';
import { type NetworkRow, selectNetworks } from '../domain/select-networks.ts';
import { type RunView, type StepRow, selectRun, selectRunHosts } from '../domain/select-run.ts';
import { type SwarmsView, selectSwarms } from '../domain/select-swarm.ts';
import type { ConsoleState } from '../domain/state.ts';
import type { Navigation } from './navigation.ts';

export type Mode = 'live' | 'replay';

/** What a frame is made from: the facts, the cursor, and the terminal's size. */
export interface SceneSource {
  readonly state: ConsoleState;
  readonly now: number;
  readonly navigation: Navigation;
  readonly columns: number;
  readonly rows: number;
  readonly mode: Mode;
  readonly version: string;
}

/** Everything that one frame is drawn from, and that a key press is judged by. */
export interface Scene extends SceneSource {
  readonly hosts: readonly HostRow[];
  /** The hosts of the run, by name; empty before the first. */
  readonly runHosts: ReadonlySet<string>;
  readonly run: RunView | undefined;
  readonly networks: readonly NetworkRow[];
  readonly tenants: readonly TenantRow[];
  readonly swarms: SwarmsView;
  /** Containers of our projects that do not run. */
  readonly halted: readonly HaltedContainer[];
  /** What is selected, or what stands there while nothing is. */
  readonly scenario: ScenarioOutline | undefined;
  readonly step: StepRow | undefined;
  readonly network: NetworkRow | undefined;
  readonly tenant: TenantRow | undefined;
  readonly host: HostRow | undefined;
}

export function makeScene(source: SceneSource): Scene {
  const { state, now, navigation } = source;
  const run = selectRun(state, now);
  const networks = selectNetworks(state, now);
  const tenants = selectTenants(state, now);
  const { selected } = navigation;
  const hosts = selectHosts(state, now);
  return {
    ...source,
    hosts,
    runHosts: selectRunHosts(state),
    run,
    networks,
    tenants,
    swarms: selectSwarms(state, now),
    halted: selectHalted(state, now),
    scenario: state.scenarios?.find((scenario) => scenario.name === selected.scenario) ?? state.scenarios?.[0],
    step: run?.steps.find((step) => step.id === selected.step) ?? stepToFollow(run),
    network: networks.find((network) => network.key === selected.network) ?? defaultNetwork(source, networks),
    tenant: tenants.find((tenant) => tenant.outline.id === selected.tenant) ?? tenants[0],
    host: hosts.find((host) => host.name === selected.host) ?? hosts.find((host) => host.freshness === 'down') ?? hosts[0],
  };
}

/** The failing step first; else what is under way, else what was: of those the one that started last. */
function stepToFollow(run: RunView | undefined): StepRow | undefined {
  const failed = run?.steps.find((step) => step.status === 'failed');
  if (failed !== undefined) return failed;
  const begun = run?.steps.filter((step) => step.startMs !== undefined) ?? [];
  const running = begun.filter((step) => step.status === 'running');
  return (running.length > 0 ? running : begun).reduce<StepRow | undefined>(
    (latest, step) => ((latest?.startMs ?? -1) <= (step.startMs ?? 0) ? step : latest),
    undefined,
  );
}

/** Of the run at hand, then of any project of ours; a foreign one only where foreign ones are listed. */
function defaultNetwork({ navigation }: SceneSource, [first]: readonly NetworkRow[]): NetworkRow | undefined {
  const isOurs = first?.standing === 'of-run' || first?.standing === 'ours';
  return isOurs || navigation.view !== 'run' ? first : undefined;
}

/** True while a run is on: one at a time, so nothing else that changes an engine may start. */
export function isBusy(scene: Scene): boolean {
  return scene.run?.phase === 'running';
}
