import { expect, it } from 'vitest';
import type { Execution } from '../../src/run/execute.ts';
import { failedSteps, obstruction } from '../../src/run/failures.ts';

const request = { scenario: undefined, project: 'pets' };
const failed = (step: string): Execution['failed'][number] => ({ step, failure: { code: 'PORT_TAKEN', message: `${step} failed` } });

it('tells the first failed step in full, and on which hosts there were more', () => {
  const steps = ['host-A/network/n/create', 'host-B/network/n/create', 'host-B/container/c/run', 'host-C/container/c/run'];
  expect(failedSteps('up', request, steps.map(failed))).toEqual({
    code: 'PORT_TAKEN',
    message: 'host-A/network/n/create: host-A/network/n/create failed (and 3 more failed on host-B, host-C)',
    hint: 'what was done stands; go on with: pets-console up pets, or take it back: pets-console down pets',
  });
  expect(failedSteps('down', request, steps.slice(0, 1).map(failed))).toEqual({
    code: 'PORT_TAKEN',
    message: 'host-A/network/n/create: host-A/network/n/create failed',
    hint: 'what was done stands; go on with: pets-console down pets',
  });
});

it('tells every obstacle, a line each, and a host that does not answer before all others', () => {
  const obstacle = (host: string, message: string) => ({ host, resource: `host/${host}`, message, hint: `mend ${host}` });
  const live = [{ host: 'host-A', version: '28.5.2', networks: [], containers: [], services: [], images: {} }];
  const both = [obstacle('host-A', 'port 8000 is taken'), obstacle('host-A', 'no room')];
  expect(obstruction(both, live)).toEqual({
    code: 'OBSTACLES',
    message: 'host-A: port 8000 is taken\nhost-A: no room',
    hint: 'mend host-A',
  });
  expect(obstruction([...both, obstacle('host-B', 'it does not answer')], live)).toEqual({
    code: 'ENGINE_UNREACHABLE',
    message: 'host-B: it does not answer',
    hint: 'mend host-B',
  });
});
