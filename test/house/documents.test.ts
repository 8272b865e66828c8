import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listScenarios } from '../../src/scenario/load.ts';

const { scenarios } = await listScenarios([join(process.cwd(), 'scenarios')]);
const models = readFileSync(join(process.cwd(), 'docs/models.md'), 'utf8');

describe('docs/models.md', () => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('says of %s what its file says', (_name, scenario) => {
    const { name, title, summary, benefits, limits, pitfalls } = scenario;
    // Written by `npm run models`: run it again after a change of a scenario.
    for (const said of [`## ${name}: ${title}`, summary, ...benefits, ...limits, ...pitfalls]) expect(models).toContain(said);
  });

  // Of the rest, the kernel of a lab may lack what they need.
  const ran = scenarios.filter(({ name }) => !['macvlan-vlan', 'overlay-encrypted'].includes(name));
  test.each(ran.map((scenario) => [scenario.name, scenario] as const))('shows a run of %s that passed', (name, scenario) => {
    const [, section = ''] = models.split(`\n## ${name}: `);
    const own = section.split('\n## ')[0] ?? '';
    expect(own).toMatch(/\n1\. .*`http:\/\/192\.168\.\d+\.\d+:\d+`/);
    expect(own).toContain('- ✓ ');
    expect(own).not.toMatch(/^- [!?] /m);
    // A variant is never taken for the model.
    const variant = Object.keys(scenario.variants).find((each) => own.includes(`its variant \`${each}\``));
    expect(variant !== undefined).toBe(scenario.needsSwarm);
    expect(own.includes('there is no routing mesh')).toBe(scenario.needsSwarm);
  });
});
