import type { PanelId } from '../navigation.ts';

/** How a panel is called where only its name is shown. */
export const PANEL_NAMES: Readonly<Record<PanelId, string>> = {
  scenarios: 'Scenarios',
  plan: 'Plan',
  steps: 'Steps',
  networks: 'Networks',
  inspect: 'Network',
  ledger: 'Pools',
  addresses: 'Addresses',
  hits: 'Hits',
  services: 'Services',
  nodes: 'Nodes',
  hosts: 'Hosts',
  host: 'Host',
};
