import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ownerOfProject } from '../../src/cli/standing-project.ts';
import { LABEL } from '../../src/domain/labels.ts';
import { type LiveSession, openLiveSession } from '../observe/live-session.ts';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';

describe.skipIf(skipWithoutLab)('how a project stands, as its containers say', () => {
  const lab = startEngineLab('t-standing', '192.168.118.0/24');
  let live: LiveSession;
  beforeAll(async () => {
    live = await openLiveSession(lab);
  });
  afterAll(() => live.close());
  afterEach(() => lab.clear());

  /** A container with the labels that a service of the swarm gives its tasks, or one that `up` made itself. */
  async function start(resource: string, run: string, more: { readonly variant?: string; readonly scenario?: string } = {}) {
    const labels = { project: 'pets', scenario: more.scenario ?? 'overlay', resource, spec: 's', run, hosts: '', variant: more.variant };
    const options = Object.entries(labels).flatMap(([name, value]) =>
      value === undefined ? [] : ['--label', `${LABEL[name as keyof typeof LABEL]}=${value}`],
    );
    return lab.docker('run', '-d', ...options, 'redis');
  }
  const variantOf = async (scenario?: string) => (await ownerOfProject('pets', scenario, live.session))?.variant;

  it('the task of a service tells its variant, of the scenario that is asked for', async () => {
    await start('service/dog-web', '01A', { variant: 'dnsrr' });
    await start('service/cat-web', '01B', { variant: 'other', scenario: 'overlay-tenants' });
    expect([await variantOf('overlay'), await variantOf('overlay-tenants'), await variantOf()]).toEqual(['dnsrr', 'other', 'other']);
  });

  it('a container that has ended tells it too, a task that the swarm has replaced does not', async () => {
    const task = await start('service/dog-web', '01A', { variant: 'dnsrr' });
    await lab.docker('stop', task);
    expect(await ownerOfProject('pets', 'overlay', live.session)).toBeUndefined();
    const container = await start('container/dog-web', '01A', { variant: 'dnsrr' });
    await lab.docker('stop', container);
    expect(await variantOf('overlay')).toBe('dnsrr');
  });

  it('what a later run made goes before what it left as it was', async () => {
    await start('service/dog-web', '01B');
    await start('service/dog-db', '01A', { variant: 'dnsrr' });
    await start('sidecar/dog-db', '01C', { variant: 'dnsrr' });
    const owner = await ownerOfProject('pets', 'overlay', live.session);
    expect([owner?.run, owner?.variant]).toEqual(['01B', undefined]);
  });
});
