import { expect, it } from 'vitest';
import { painter } from '../../src/cli/report-layout.ts';
import { swarmTables } from '../../src/cli/verbs/show-swarm-table.ts';
import type { SwarmRow, SwarmServiceRow } from '../../src/domain/select-swarm.ts';

const LAYOUT = { paint: painter(false), columns: undefined };
const SERVICE: SwarmServiceRow = {
  ...{ id: 's1', name: 'dog-web', labels: {}, ports: [], image: 'redis', mode: 'global', replicas: undefined, endpointMode: 'dnsrr' },
  ...{ constraints: ['node.labels.no==where'], networkIds: [], aliases: {}, extraHosts: [], command: [], environment: {}, virtualIps: {} },
  ...{ update: undefined, project: undefined, running: 0, desired: 0, converged: false, problem: '' },
};
const SWARM: SwarmRow = {
  ...{
    id: 'c1',
    toldBy: 'host-A',
    freshness: 'live',
    ageMs: 0,
    project: 'pets',
    converged: false,
    nodes: [],
    services: [SERVICE],
    tasks: [],
  },
};

function told(swarm: SwarmRow): readonly string[] {
  return swarmTables({ swarms: [swarm], outside: [], unknown: [] }, LAYOUT);
}

it('tells below a service what keeps all of it from coming up, as where no node takes a task', () => {
  const problem = 'no suitable node: none that is ready and active meets node.labels.no==where';
  expect(told({ ...SWARM, services: [{ ...SERVICE, problem }] })).toEqual([
    'swarm c1, made for project pets: 0 nodes, not as wished; told by host-A',
    '    SERVICE  MODE    REPLICAS  ENDPOINT  IMAGE',
    '  ✕ dog-web  global  0/0       dnsrr     redis',
    `      ${problem}`,
  ]);
});

it('calls a swarm on its way converging, and one that has what was wished converged', () => {
  expect(told(SWARM)).toEqual(expect.arrayContaining([expect.stringContaining('converging'), expect.stringMatching(/^ {2}◐ dog-web/)]));
  const done = told({ ...SWARM, converged: true, services: [{ ...SERVICE, converged: true }] });
  expect(done).toEqual(expect.arrayContaining([expect.stringContaining(', converged;'), expect.stringMatching(/^ {2}● dog-web/)]));
});

it('shows nothing that a terminal would obey, whatever an engine calls things', () => {
  const node = { id: 'n\u001b[2J1', hostname: 'one', state: 'ready', availability: 'active', managerStatus: undefined } as const;
  const nodes = [{ ...node, address: '', platform: '', engineVersion: '', labels: {}, host: undefined }];
  expect(told({ ...SWARM, id: 'c\u009b2J', nodes }).join('')).not.toMatch(/\p{Cc}/u);
});
