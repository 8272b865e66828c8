import type { PanelId } from '../navigation.ts';
import type { PanelContent } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { addressesPanel } from './addresses.ts';
import { hitsPanel } from './hits.ts';
import { hostPanel } from './host.ts';
import { hostListPanel } from './host-list.ts';
import { inspectPanel } from './inspect.ts';
import { ledgerPanel } from './ledger.ts';
import { networkListPanel } from './network-list.ts';
import { nodesPanel } from './nodes.ts';
import { planPanel } from './plan.ts';
import { scenarioListPanel } from './scenario-list.ts';
import { servicesPanel } from './services.ts';
import { stepsPanel } from './steps.ts';

const PANELS: Readonly<Record<PanelId, (scene: Scene, width: number) => PanelContent>> = {
  scenarios: scenarioListPanel,
  plan: planPanel,
  steps: stepsPanel,
  networks: networkListPanel,
  inspect: inspectPanel,
  ledger: ledgerPanel,
  addresses: addressesPanel,
  hits: hitsPanel,
  services: servicesPanel,
  nodes: nodesPanel,
  hosts: hostListPanel,
  host: hostPanel,
};

/** What a panel says at a width. */
export function contentOf(panel: PanelId, scene: Scene, width: number): PanelContent {
  return PANELS[panel](scene, width);
}
