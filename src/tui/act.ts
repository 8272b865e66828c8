import type { Intent } from '../domain/events.ts';
import type { ScenarioOutline } from '../domain/scenario.ts';
import { type Holding, type HostRow, selectHoldings } from '../domain/select.ts';
import { BURST, type Command } from './keys.ts';
import { layoutFor, sizeOfPanel } from './layout.ts';
import { focusedPanel, type NavigationAction, PANELS_OF_VIEW, VIEWS } from './navigation.ts';
import { firstVisible, windowHeight } from './panel.ts';
import { contentOf } from './panels/content.ts';
import { isBusy, type Scene } from './scene.ts';
import { chosenVariant, mayChooseVariant, nextVariant, OWN_WAY, waysOf } from './variants.ts';

/** What a key press comes to: steps on the screen, and at most one thing asked of the core. */
export interface Outcome {
  readonly moves: readonly NavigationAction[];
  readonly intent?: Intent;
  readonly quit?: true;
}

const NOTHING: Outcome = { moves: [] };
const PAGE = 10;

/** What a command does now. Pure: the same scene and command always come to the same. */
export function act(command: Command, scene: Scene): Outcome {
  if (command === 'quit') return quit(scene);
  const outcome = actOn(command, scene);
  return scene.navigation.asksToQuit ? { ...outcome, moves: [{ type: 'ask-to-quit', asked: false }, ...outcome.moves] } : outcome;
}

/** Leaving stops a run that is on, so it takes a second press. */
function quit(scene: Scene): Outcome {
  const isMeant = scene.navigation.asksToQuit || scene.mode !== 'live' || !isBusy(scene);
  return isMeant ? { moves: [], quit: true } : moves({ type: 'ask-to-quit', asked: true });
}

function actOn(command: Exclude<Command, 'quit'>, scene: Scene): Outcome {
  if (scene.navigation.overlay !== undefined) return actOnOverlay(command, scene);
  if (!isAvailable(command, scene)) return NOTHING;
  switch (command) {
    case 'previous':
      return move(scene, -1);
    case 'next':
      return move(scene, 1);
    case 'page-up':
      return move(scene, -PAGE);
    case 'page-down':
      return move(scene, PAGE);
    case 'first':
      return move(scene, Number.NEGATIVE_INFINITY);
    case 'last':
      return move(scene, Number.POSITIVE_INFINITY);
    case 'open':
      return open(scene);
    case 'back':
      return back(scene);
    case 'next-panel':
      return moves({ type: 'focus-by', by: 1 });
    case 'previous-panel':
      return moves({ type: 'focus-by', by: -1 });
    case 'view-1':
    case 'view-2':
    case 'view-3':
    case 'view-4':
    case 'view-5':
      return moves({ type: 'view', view: VIEWS[Number(command.slice(-1)) - 1] ?? 'scenarios' });
    case 'view-8':
      return moves({ type: 'view', view: 'swarm' });
    case 'view-0':
      return moves({ type: 'view', view: 'hosts' });
    case 'hit':
    case 'burst':
      return sendHits(scene, command === 'hit' ? 1 : BURST);
    case 'verify':
      return scenarioIntent(scene, 'verify');
    case 'cancel':
      return { moves: [], intent: { kind: 'cancel' } };
    case 'take-down':
      return moves({ type: 'overlay', overlay: 'confirm-down' });
    case 'other-variant':
      return planOtherVariant(scene);
    case 'help':
      return moves({ type: 'overlay', overlay: 'help' });
    default:
      return command satisfies never;
  }
}

/** Whether a command would do anything now: the footer shows what is available, and nothing else. */
export function isAvailable(command: Command, scene: Scene): boolean {
  const live = scene.mode === 'live';
  switch (command) {
    case 'open':
      return canOpen(scene);
    case 'next-panel':
    case 'previous-panel':
      return PANELS_OF_VIEW[scene.navigation.view].length > 1;
    case 'hit':
    case 'burst':
      return live && scene.tenant !== undefined && scene.tenant.status !== 'gone';
    case 'verify':
      return live && !isBusy(scene) && scene.scenario !== undefined && downTarget(scene) !== undefined;
    case 'cancel':
      return live && isBusy(scene);
    case 'take-down':
      return live && !isBusy(scene) && downTarget(scene) !== undefined;
    case 'other-variant':
      return mayChooseVariant(scene) && !isPlanning(scene);
    default:
      return true;
  }
}

/** The word of the footer for enter: what it would do here. */
export function wordForOpen(scene: Scene): string {
  if (scene.navigation.overlay === 'confirm-down') return 'take down';
  const panel = focusedPanel(scene.navigation);
  if (panel === 'scenarios') return 'plan';
  if (panel === 'plan') return isReadyToRun(scene) ? 'run' : 'plan';
  return 'open';
}

export interface DownTarget {
  readonly project: string;
  readonly scenario: string;
  readonly holdings: readonly Holding[];
  /** Hosts that do not answer now and of which nothing of the project is known: what they hold, nobody can say. */
  readonly unknown: readonly HostRow[];
  /** Its hosts are nodes of a swarm that was made for the project. */
  readonly endsSwarm: boolean;
}

/** What would be taken down: the project of the selected scenario, else of the last run, where any host holds something of it. */
export function downTarget(scene: Scene): DownTarget | undefined {
  const candidates = [
    scene.scenario && { project: scene.scenario.project, scenario: scene.scenario.name },
    scene.run && { project: scene.run.project, scenario: scene.run.scenario },
  ];
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    const holdings = selectHoldings(scene.state, candidate.project, scene.now);
    const isKnown = (host: HostRow) => holdings.some((holding) => holding.host === host.name);
    const unknown = scene.hosts.filter((host) => host.freshness !== 'live' && !isKnown(host));
    const endsSwarm = scene.swarms.swarms.some(({ project }) => project === candidate.project);
    if (holdings.length > 0) return { ...candidate, holdings, unknown, endsSwarm };
  }
  return undefined;
}

function actOnOverlay(command: Command, scene: Scene): Outcome {
  const close: NavigationAction = { type: 'overlay', overlay: undefined };
  if (command === 'open' && scene.navigation.overlay === 'confirm-down') {
    const target = downTarget(scene);
    if (target === undefined) return moves(close);
    return { moves: [close, ...TO_RUN], intent: { kind: 'down', scenario: target.scenario } };
  }
  return command === 'back' || command === 'help' || command === 'open' ? moves(close) : NOTHING;
}

const TO_RUN: readonly NavigationAction[] = [
  { type: 'view', view: 'run' },
  { type: 'select', subject: 'step', key: undefined },
  { type: 'focus', panel: 'steps' },
];

function canOpen(scene: Scene): boolean {
  const panel = focusedPanel(scene.navigation);
  if (panel === 'scenarios' || panel === 'plan')
    return scene.mode === 'live' && !isBusy(scene) && scene.scenario !== undefined && !isPlanning(scene);
  return panel === 'networks' || panel === 'ledger' || panel === 'hosts';
}

function open(scene: Scene): Outcome {
  const { scenario } = scene;
  switch (focusedPanel(scene.navigation)) {
    case 'scenarios':
      return scenario === undefined
        ? NOTHING
        : {
            moves: [
              { type: 'focus', panel: 'plan' },
              { type: 'scroll', panel: 'plan', to: undefined },
            ],
            intent: planIntent(scene, scenario),
          };
    case 'plan':
      if (isReadyToRun(scene)) return scenarioIntent(scene, 'run');
      return scenario === undefined ? NOTHING : { moves: [], intent: planIntent(scene, scenario) };
    case 'networks':
      return moves({ type: 'focus', panel: 'inspect' });
    case 'ledger':
      return moves({ type: 'focus', panel: 'addresses' });
    case 'hosts':
      return moves({ type: 'focus', panel: 'host' });
    default:
      return NOTHING;
  }
}

/** Runs only what was seen: the plan of this scenario as things are now, with nothing in its way. */
function isReadyToRun(scene: Scene): boolean {
  const { planning } = scene.state;
  if (planning === undefined || planning.scenario !== scene.scenario?.name || planning.outdated === true) return false;
  if ((planning.variant ?? OWN_WAY) !== chosenVariant(scene)) return false;
  const { plan, preflight } = planning;
  return plan !== undefined && plan.obstacles.length + (preflight?.obstacles.length ?? 0) === 0;
}

function isPlanning({ state, scenario }: Scene): boolean {
  const { planning } = state;
  return planning !== undefined && planning.scenario === scenario?.name && planning.plan === undefined && planning.failure === undefined;
}

function back(scene: Scene): Outcome {
  const { navigation } = scene;
  const [first] = PANELS_OF_VIEW[navigation.view];
  if (first !== undefined && focusedPanel(navigation) !== first) return moves({ type: 'focus', panel: first });
  if (navigation.view === 'run' && navigation.selected.step !== undefined)
    return moves({ type: 'select', subject: 'step', key: undefined });
  return navigation.view === 'scenarios' ? NOTHING : moves({ type: 'view', view: 'scenarios' });
}

function sendHits(scene: Scene, count: number): Outcome {
  const { tenant } = scene;
  return tenant === undefined ? NOTHING : { moves: [], intent: { kind: 'hit', tenant: tenant.outline.id, count } };
}

function scenarioIntent(scene: Scene, kind: 'run' | 'verify'): Outcome {
  const { scenario } = scene;
  if (scenario === undefined) return NOTHING;
  // What stands is verified in the variant that it stands in.
  const intent: Intent = kind === 'verify' ? { kind, scenario: scenario.name } : { ...planIntent(scene, scenario), kind };
  return { moves: TO_RUN, intent };
}

/** In the variant that is chosen; a scenario without variants has nothing to choose. */
function planIntent(scene: Scene, scenario: ScenarioOutline, variant = chosenVariant(scene)): Extract<Intent, { kind: 'plan' }> {
  return { kind: 'plan', scenario: scenario.name, ...(waysOf(scenario).length === 1 ? {} : { variant }) };
}

function planOtherVariant(scene: Scene): Outcome {
  const { scenario } = scene;
  if (scenario === undefined) return NOTHING;
  const variant = nextVariant(scene);
  return {
    moves: [
      { type: 'choose-variant', scenario: scenario.name, variant },
      { type: 'focus', panel: 'plan' },
      { type: 'scroll', panel: 'plan', to: undefined },
    ],
    intent: planIntent(scene, scenario, variant),
  };
}

/** In a list the selection moves, elsewhere the window does. */
function move(scene: Scene, by: number): Outcome {
  const panel = focusedPanel(scene.navigation);
  const size = sizeOfPanel(layoutFor(scene), panel);
  if (size === undefined) return NOTHING;
  const content = contentOf(panel, scene, size.width);
  if (content.list !== undefined) {
    const keys = content.rows.flatMap((row) => row.key ?? []);
    const next = keys[within(keys.indexOf(content.list.selected ?? '') + by, keys.length - 1)];
    return next === undefined ? NOTHING : moves({ type: 'select', subject: content.list.subject, key: next });
  }
  const first = firstVisible(content, size.height, scene.navigation.scroll[panel]);
  const to = within(first + by, content.rows.length - windowHeight(content, size.height));
  return moves({ type: 'scroll', panel, to });
}

function within(index: number, last: number): number {
  return Math.max(0, Math.min(index, last));
}

function moves(...actions: readonly NavigationAction[]): Outcome {
  return { moves: actions };
}
