import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNetwork } from '../../src/engine/networks.ts';
import { createService } from '../../src/engine/services-change.ts';
import { waitUntilConverged } from '../../src/engine/services-converge.ts';
import { waitUntil } from '../support/wait-until.ts';
import { TEST_LABELS } from './lab-engine.ts';
import { hostPort, leaveBoth, makeSwarm, overlayWish, type SwarmLab, serviceSpec } from './swarm-lab.ts';

/** `show swarm` of the built console. */
export function describeShow(raised: () => SwarmLab): void {
  describe('show swarm', () => {
    let { lab, a, addressA, addressB, redis }: SwarmLab = {} as SwarmLab;
    beforeAll(() => {
      ({ lab, a, addressA, addressB, redis } = raised());
    });
    afterAll(async () => {
      await leaveBoth(raised());
    });
    const shown = async (...flags: readonly string[]) => {
      const { status, stdout } = await lab.console('show', 'swarm', ...flags);
      return { status, stdout };
    };

    it('says of hosts in no swarm that they are in none', async () => {
      expect(await shown()).toEqual({ status: 0, stdout: '  ○ host-A: in no swarm\n  ○ host-B: in no swarm\n' });
    });

    it('prints nodes, services with replicas, and tasks with where they are and why they do not run', async () => {
      const { nodeA, nodeB } = await makeSwarm(raised());
      const networks = [{ network: await createNetwork(a, overlayWish('dognet', '10.1.0.0/24'), TEST_LABELS), aliases: [] }];
      const environment = { ROLE: 'dog', DB_PASSWORD: 'open-sesame' };
      const web = serviceSpec('dog-web', redis, { networks, environment, replicas: 'global', ports: [hostPort(8000)] });
      await waitUntilConverged(a, [await createService(a, web, TEST_LABELS)]);
      await createService(a, serviceSpec('missing', 'nope:1', { networks, constraints: [`node.id==${nodeB}`] }), {});
      const { stdout } = await waitUntil(
        'the error of the task',
        () => shown(),
        // A task that is tried again has no node for a moment.
        (each) => each.stdout.includes('No such image') && /missing\.1 +host-B/.test(each.stdout),
      );
      const lines = stdout.split('\n');
      const find = (pattern: RegExp) =>
        expect(
          lines.filter((line) => pattern.test(line)),
          stdout,
        ).toHaveLength(1);
      find(/^swarm \w{25}, made for project t-eng: 2 nodes, not as wished; told by host-A$/);
      find(new RegExp(`^ {2}● ${nodeA} +host-A +Ready +Active +Leader +${addressA} +linux/amd64 +\\S+ +host-A$`));
      find(new RegExp(`^ {2}● ${nodeB} +host-B +Ready +Active +${addressB} +linux/amd64 +\\S+ +host-B$`));
      find(/^ {2}● dog-web +global +2\/2 +dnsrr +[0-9a-f]{12} +each host:8000->6379\/tcp$/);
      find(/^ {2}◐ missing +replicated +0\/1 +dnsrr +nope:1$/);
      find(/^ {2}● dog-web +host-A +Running +Running +[0-9a-f]{12} +dognet 10\.1\.0\.\d+$/);
      find(/^ {2}● dog-web +host-B +Running +Running +[0-9a-f]{12} +dognet 10\.1\.0\.\d+$/);
      find(/^ {2}✕ missing\.1 +host-B/);
      find(/^ {6}No such image: nope:1$/);
      expect(stdout).not.toContain('in no swarm');
    });

    it('tells programs the same, and never a join token or a password', async () => {
      const { status, stdout } = await shown('--json');
      expect(status).toBe(0);
      const { swarms, outside, unknown } = JSON.parse(stdout);
      expect({ outside, unknown }).toEqual({ outside: [], unknown: [] });
      expect(swarms).toMatchObject([
        {
          project: 't-eng',
          converged: false,
          nodes: [{ hostname: 'host-A', managerStatus: 'leader' }, { hostname: 'host-B' }],
          services: [
            { name: 'dog-web', running: 2, desired: 2, converged: true },
            { name: 'missing', running: 0, desired: 1, converged: false },
          ],
        },
      ]);
      expect(stdout).toContain('"ROLE":"dog"');
      for (const secret of ['SWMTKN', 'open-sesame']) expect(stdout + JSON.stringify(lab.journal())).not.toContain(secret);
    });

    it('goes on telling as it changes, a line for each picture that differs', async () => {
      const watching = lab.start('show', 'swarm', '--watch', '--json');
      let told = '';
      watching.stdout?.on('data', (chunk: Buffer) => {
        told += chunk.toString();
      });
      await waitUntil(
        'the first picture',
        () => told,
        (text) => text.includes('swarm.inspected'),
      );
      await lab.docker('service', 'rm', 'missing');
      const isOfTwo = (line: string) => line.includes('"isManager":true') && !line.includes('"name":"missing"');
      await waitUntil(
        'a picture without it',
        () => told.split('\n'),
        (lines) => lines.some(isOfTwo),
      );
      watching.kill('SIGINT');
      expect(await new Promise((resolve) => watching.once('exit', resolve))).toBe(130);
    });

    it('knows of a swarm whose manager is not among its hosts only that', async () => {
      const endpoint = lab.hosts[1]?.endpoint ?? '';
      const { status, stdout } = await lab.console('show', 'swarm', '--hosts', '/dev/null', '--host', `only=${endpoint}`);
      expect({ status, stdout }).toEqual({
        status: 0,
        stdout: `  ○ only: in a swarm (active) managed from ${addressA}:2377, of which no host here tells\n`,
      });
    });
  });
}
