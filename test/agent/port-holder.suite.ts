import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPortHolder } from '../../src/agent/port-holder.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { EngineLab } from '../support/engine-lab.ts';
import { waitUntil } from '../support/wait-until.ts';
import { closeEngines, never, OWNERSHIP, openEngines, startOnHost } from './lab-engines.ts';

const LISTEN = "require('net').createServer().listen(Number(process.argv[1]), process.argv[2], () => console.log('ready'))";

export function describePortHolder(lab: EngineLab): void {
  describe('who holds a port', () => {
    let engines: ReadonlyMap<string, Engine>;
    beforeAll(async () => {
      engines = await openEngines(lab);
    });
    afterAll(async () => {
      await lab.clear();
      closeEngines(engines);
    });
    const holderOn = (host: string, port: number, address = '::', signal = never) => {
      const engine = engines.get(host);
      if (engine === undefined) throw new Error(`no engine ${host}`);
      return findPortHolder(engine, { protocol: 'tcp', port, address }, OWNERSHIP, signal);
    };

    it('is named with its number, whoever it runs as, and nothing stays behind', async () => {
      const asRoot = await startOnHost(lab, 'host-A', process.execPath, '-e', LISTEN, '8000');
      const asNobody = await startOnHost(
        lab,
        'host-A',
        'setpriv',
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        process.execPath,
        '-e',
        LISTEN,
        '8001',
      );
      try {
        for (const listener of [asRoot, asNobody]) await waitUntil('it to listen', listener.output, (text) => text === 'ready\n');
        const name = basename(readlinkSync('/proc/self/exe'));
        const [first, second] = await Promise.all([holderOn('host-A', 8000), holderOn('host-A', 8001)]);
        expect(first).toEqual({ pid: expect.any(Number), name });
        expect(second).toEqual({ pid: expect.any(Number), name });
        expect(first?.pid).not.toBe(second?.pid);
        expect(await holderOn('host-B', 8000)).toBeUndefined();
        expect(await lab.everything('host-A')).toEqual({ containers: [], networks: [] });
      } finally {
        await Promise.all([asRoot.end(), asNobody.end()]);
      }
      expect(await holderOn('host-A', 8000)).toBeUndefined();
    });

    it('is not somebody else who has the same port on another address', async () => {
      const address = lab.hosts[0]?.address ?? '';
      const innocent = await startOnHost(lab, 'host-A', process.execPath, '-e', LISTEN, '8000', '127.0.0.1');
      await waitUntil('it to listen', innocent.output, (text) => text === 'ready\n');
      const holder = await startOnHost(lab, 'host-A', process.execPath, '-e', LISTEN, '8000', address);
      await waitUntil('it to listen', holder.output, (text) => text === 'ready\n');
      try {
        const [first, second] = await Promise.all([holderOn('host-A', 8000, '127.0.0.1'), holderOn('host-A', 8000, address)]);
        expect([first?.pid, second?.pid]).toEqual([expect.any(Number), expect.any(Number)]);
        expect(second?.pid).not.toBe(first?.pid);
        expect(await holderOn('host-A', 8000, '127.0.0.2')).toBeUndefined();
      } finally {
        await Promise.all([innocent.end(), holder.end()]);
      }
    });

    it('is the proxy of the engine where a container publishes it', async () => {
      await lab.dockerOn('host-A', 'run', '-d', '--name', 'cat-db', '-p', '8002:6379', 'redis');
      expect(await holderOn('host-A', 8002, '0.0.0.0')).toMatchObject({ name: 'docker-proxy' });
    });

    it('is not told where the engine does not answer, and asking can be interrupted', async () => {
      const [engine] = [...(await openEngines(lab)).values()];
      if (engine === undefined) throw new Error('no engine');
      await expect(
        findPortHolder(engine, { protocol: 'tcp', port: 8000, address: '::' }, OWNERSHIP, AbortSignal.abort()),
      ).rejects.toMatchObject({ code: 'INTERRUPTED' });
      await lab.dockerOn('host-B', 'tag', 'pets-console/web', 'kept');
      await lab.dockerOn('host-B', 'rmi', 'pets-console/web');
      try {
        expect(await holderOn('host-B', 8000)).toBeUndefined();
      } finally {
        await lab.dockerOn('host-B', 'tag', 'kept', 'pets-console/web');
        await lab.dockerOn('host-B', 'rmi', 'kept');
      }
    });
  });
}
