/** Where the user is: views, focus, selections. Facts about Docker are in `ConsoleState`, never here. */
export const VIEWS = ['scenarios', 'run', 'networks', 'ipam', 'tenants', 'swarm', 'hosts'] as const;
export type View = (typeof VIEWS)[number];

export type PanelId =
  | 'scenarios'
  | 'plan'
  | 'steps'
  | 'networks'
  | 'inspect'
  | 'ledger'
  | 'addresses'
  | 'hits'
  | 'services'
  | 'nodes'
  | 'hosts'
  | 'host';

/** The panels of each view, in the order in which tab visits them. */
export const PANELS_OF_VIEW: Readonly<Record<View, readonly PanelId[]>> = {
  scenarios: ['scenarios', 'plan'],
  run: ['steps', 'inspect', 'addresses', 'hits'],
  networks: ['networks', 'inspect'],
  ipam: ['ledger', 'addresses'],
  tenants: ['hits'],
  swarm: ['services', 'nodes'],
  hosts: ['hosts', 'host'],
};

/** The panels in which arrows move a selection; in the others they scroll. */
export const LISTS: ReadonlySet<PanelId> = new Set(['scenarios', 'steps', 'networks', 'ledger', 'hits', 'services', 'hosts']);

/** What can be selected. Several panels share one: the network chosen in a list is the one whose addresses are shown. */
export type Subject = 'scenario' | 'step' | 'network' | 'tenant' | 'service' | 'host';

export type Overlay = 'help' | 'confirm-down';

export interface Navigation {
  readonly view: View;
  readonly focus: Readonly<Record<View, number>>;
  /** By key and not by place: a selection stays on its object while lists change under it. */
  readonly selected: Readonly<Record<Subject, string | undefined>>;
  /** First visible line of panels that scroll; undefined while nobody scrolled. */
  readonly scroll: Readonly<Partial<Record<PanelId, number>>>;
  /** The variant that was chosen, by scenario; empty for the scenario's own way. */
  readonly variants: Readonly<Record<string, string>>;
  /** What the console was opened with. */
  readonly initialVariant: string | undefined;
  readonly overlay: Overlay | undefined;
  /** Quitting was asked for while a run is on: the next key says whether it is meant. */
  readonly asksToQuit: boolean;
}

export type NavigationAction =
  | { readonly type: 'view'; readonly view: View }
  | { readonly type: 'focus'; readonly panel: PanelId }
  | { readonly type: 'focus-by'; readonly by: 1 | -1 }
  | { readonly type: 'select'; readonly subject: Subject; readonly key: string | undefined }
  | { readonly type: 'scroll'; readonly panel: PanelId; readonly to: number | undefined }
  | { readonly type: 'choose-variant'; readonly scenario: string; readonly variant: string }
  | { readonly type: 'overlay'; readonly overlay: Overlay | undefined }
  | { readonly type: 'ask-to-quit'; readonly asked: boolean };

export function initialNavigation(scenario: string | undefined, variant?: string): Navigation {
  return {
    view: 'scenarios',
    focus: { scenarios: 0, run: 0, networks: 0, ipam: 0, tenants: 0, swarm: 0, hosts: 0 },
    selected: { scenario, step: undefined, network: undefined, tenant: undefined, service: undefined, host: undefined },
    scroll: {},
    variants: {},
    initialVariant: variant,
    overlay: undefined,
    asksToQuit: false,
  };
}

export function focusedPanel(navigation: Navigation): PanelId {
  const panels = PANELS_OF_VIEW[navigation.view];
  return panels[navigation.focus[navigation.view]] ?? panels[0] ?? 'scenarios';
}

export function navigate(navigation: Navigation, action: NavigationAction): Navigation {
  const { view } = navigation;
  const panels = PANELS_OF_VIEW[view];
  switch (action.type) {
    case 'view':
      return { ...navigation, view: action.view, overlay: undefined };
    case 'focus':
      return withFocus(navigation, panels.indexOf(action.panel));
    case 'focus-by':
      return withFocus(navigation, (navigation.focus[view] + action.by + panels.length) % panels.length);
    case 'select':
      return select(navigation, action.subject, action.key);
    case 'scroll':
      return { ...navigation, scroll: { ...navigation.scroll, [action.panel]: action.to } };
    case 'choose-variant':
      return { ...navigation, variants: { ...navigation.variants, [action.scenario]: action.variant } };
    case 'overlay':
      return { ...navigation, overlay: action.overlay };
    case 'ask-to-quit':
      return { ...navigation, asksToQuit: action.asked };
    default:
      return action satisfies never;
  }
}

function withFocus(navigation: Navigation, index: number): Navigation {
  return index < 0 ? navigation : { ...navigation, focus: { ...navigation.focus, [navigation.view]: index } };
}

/** What scrolls about one object begins anew with the next. */
const SCROLLED_WITH: Readonly<Record<Subject, readonly PanelId[]>> = {
  scenario: ['plan'],
  step: [],
  network: ['inspect', 'addresses'],
  tenant: [],
  service: [],
  host: ['host'],
};

function select(navigation: Navigation, subject: Subject, key: string | undefined): Navigation {
  const scroll = Object.fromEntries(
    Object.entries(navigation.scroll).filter(([panel]) => !SCROLLED_WITH[subject].some((each) => each === panel)),
  );
  return { ...navigation, scroll, selected: { ...navigation.selected, [subject]: key } };
}
