import { expect, it } from 'vitest';
import type { LiveEngine, LiveImageState } from '../../src/domain/live.ts';
import { bindHosts, bindScenario } from '../../src/scenario/bind.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { planUp } from '../../src/scenario/plan-up.ts';

const TEXT = `
version: 1
name: two
model: multi-host-bridge
title: A database alone on its host
summary: Nothing of ours runs there.
benefits: [simple]
limits: [none]
hosts: [host-A, host-B]
services:
  cat-db: { on: host-B, image: redis, ports: ["8001:6379"] }
  cat-web: { on: host-A, image: pets-console/web, environment: { DB: "host-B:8001", ROLE: cat } }
`;
const HOSTS = ['host-A', 'host-B'].map((name, index) => ({ name, endpoint: `unix:///${name}`, address: `192.168.0.${11 + index}` }));

function planWith(images: LiveEngine['images']) {
  const scenario = parseScenario('two.yaml', TEXT);
  const hosts = bindHosts(scenario, HOSTS, {});
  const live = HOSTS.map(({ name }) => ({ host: name, version: '20.10.24', networks: [], containers: [], services: [], images }));
  return planUp(bindScenario(scenario, hosts), hosts, live, 'run');
}

const present: LiveImageState = { id: 'sha256:1', platform: 'linux/amd64', current: true };

it('brings the image of the agent to every host on which something is made, and says what for where nothing else needs it', () => {
  const steps = planWith({}).steps.filter(({ resource }) => resource === 'image/pets-console/web');
  expect(steps.map(({ host, reason }) => [host, reason])).toEqual([
    ['host-A', undefined],
    ['host-B', 'for the agent beside what runs there'],
  ]);
});

it('brings it nowhere where it is', () => {
  const steps = planWith({ redis: present, 'pets-console/web': present }).steps;
  expect(steps.filter(({ resource }) => resource.startsWith('image/'))).toEqual([]);
});
