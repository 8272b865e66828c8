import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERBS } from '../../src/cli/verb-table.ts';
import { ensureBuilt } from '../support/built-product.ts';

const HOME = mkdtempSync(join(tmpdir(), 'pets-home-'));
const NO_ENGINE = ['--host', 'a=unix:///nowhere/docker.sock'];

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function petsConsole(...args: readonly string[]): Promise<Ended> {
  return petsConsoleIn({}, ...args);
}

function petsConsoleIn(variables: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ended> {
  const env = { PATH: process.env.PATH, HOME, ...variables };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['bin/pets-console.cjs', ...args], { env }, (_error, stdout, stderr) => {
      resolve({ status: child.exitCode, stdout, stderr });
    });
  });
}

describe('the command line', () => {
  beforeAll(ensureBuilt);
  afterAll(() => rmSync(HOME, { recursive: true }));

  it.each([
    [['brigde'], /verb 'brigde' is not known; verbs: plan, .*up, .*show, /],
    [['up'], /missing required argument 'SCENARIO'\n {2}pets-console up --help/],
    [['plan', 'bridge', '--bogus'], /unknown option '--bogus'\n {2}pets-console plan --help/],
    [['plan', 'brigde', ...NO_ENGINE], /scenario "brigde" is not known; scenarios: .*bridge.*\. Did you mean bridge\?/],
    [['plan', './none.yaml', ...NO_ENGINE], /none\.yaml: there is no such file/],
    [['up', 'bridge', '--host', 'nonsense'], /endpoint 'nonsense' is not known; endpoints: unix:\/\/\/PATH, tcp:\/\/HOST:PORT, /],
    [['up', 'bridge', '--as', 'Not/A/Name', ...NO_ENGINE], /--as Not\/A\/Name: a project is named with/],
    [['up', 'bridge', '--set', 'subnet', ...NO_ENGINE], /--set subnet: INPUT=VALUE is needed/],
    [['up', 'bridge', '--set', 'a=1', '--set', 'a=2', ...NO_ENGINE], /--set: a is given twice, as 1 and 2/],
    [['up', 'bridge', '--bind', 'host-A', ...NO_ENGINE], /--bind host-A: ROLE=HOST is needed/],
    [
      ['plan', 'overlay', '--variant', 'dnssrr', ...NO_ENGINE],
      /no variant "dnssrr"; variants: dnsrr\. Did you mean dnsrr\?\n {2}--variant dnsrr/,
    ],
    [
      ['up', 'bridge', '--variant', 'dnsrr', ...NO_ENGINE],
      /scenario bridge has no variant "dnsrr"; it has none\.\n {2}leave --variant out/,
    ],
    [
      ['up', 'overlay', '--scale', 'dog-wbe=3', ...NO_ENGINE],
      /"dog-wbe" is not known; services that can be scaled: dog-db, dog-web\. Did you/,
    ],
    [['run', 'overlay', '--variant', 'dnsrr', '--scale', 'dog-web=3', ...NO_ENGINE], /service dog-web is global: .*scaled: dog-db\./],
    [
      ['up', 'bridge', '--scale', 'cat-web=2', ...NO_ENGINE],
      /service cat-web is on host-A, where there is one of it.*\n {2}leave --scale out/,
    ],
    [['up', 'overlay', '--scale', 'dog-web=1001', ...NO_ENGINE], /--scale: 1001 is no number of tasks from 0 to 1000/],
    [['up', 'overlay', '--scale', 'dog-web', ...NO_ENGINE], /--scale dog-web: SERVICE=N is needed\n {2}--scale dog-web=3/],
    [['show', 'host', ...NO_ENGINE], /show host is not known; subjects: hosts, .*\. Did you mean hosts\?/],
    [['up', 'bridge', '--context', 'none'], /docker context 'none' is not known; contexts: default/],
    [['up', 'bridge', '--timeout', 'soon', ...NO_ENGINE], /--timeout soon: a number of seconds/],
    [['lab', 'sideways'], /lab sideways is not known; actions: up, status, down/],
    [['lab', 'down', '--suite', 'sid'], /lab down has no --suite\n {2}that is for: pets-console lab up/],
    [['lab', 'up', '--purge'], /lab up has no --purge\n {2}that is for: pets-console lab down/],
    [['lab', 'up', '--engines', 'many'], /--engines many: a number from 1 to 26/],
    [['schema', 'pets'], /kind 'pets' is not known; kinds: .*scenario/],
  ])('refuses %j with status 2, and says what to type instead', async (args, message) => {
    const { status, stdout, stderr } = await petsConsole(...args);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  it('tells every issue of a file at once, each with its place', async () => {
    const file = join(HOME, 'mine.yaml');
    writeFileSync(file, 'version: 1\nname: mine\nmodel: brige\ntitle: T\nhosts: [host-A]\nservices:\n  cat-db: { imag: redis }\n');
    const { status, stderr } = await petsConsole('plan', file, ...NO_ENGINE);
    expect(status).toBe(2);
    for (const issue of [`${file}:3:8: model "brige" is not known`, `${file}:7:13: unknown key "imag"`, `${file}:7:3: image is missing`]) {
      expect(stderr).toContain(issue);
    }
  });

  it('ends with 4 where no engine answers, and its journal says what was tried', async () => {
    const state = join(HOME, 'state');
    const { status, stderr } = await petsConsoleIn({ XDG_STATE_HOME: state }, 'up', 'bridge', ...NO_ENGINE);
    expect(status).toBe(4);
    expect(stderr).toContain('a: cannot reach the engine');
    const [journal = ''] = readdirSync(join(state, 'pets-console'));
    expect(readFileSync(join(state, 'pets-console', journal), 'utf8')).toContain('"type":"journal.opened"');
  });

  it('goes on to its own end where nobody reads any more what it says', async () => {
    const env = { PATH: process.env.PATH, HOME };
    const child = spawn(process.execPath, ['bin/pets-console.cjs', 'up', 'bridge', '--json', ...NO_ENGINE], { env });
    child.stdout.destroy();
    const [status] = await once(child, 'exit');
    expect(status).toBe(4);
  });

  it('keeps no journal where none can be written, and says so', async () => {
    const taken = join(HOME, 'taken');
    writeFileSync(taken, '');
    const { status, stderr } = await petsConsoleIn({ XDG_STATE_HOME: taken }, 'plan', 'bridge', ...NO_ENGINE);
    expect(status).toBe(2);
    expect(stderr).toContain(`${taken}/pets-console: no journal can be kept there: ENOTDIR`);
  });

  it.each(VERBS.filter((verb) => !verb.hidden).map((verb) => verb.usage.split(' ')[0] ?? ''))('explains %s with examples', async (verb) => {
    const { status, stdout } = await petsConsole(verb, '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}\$ pets-console /);
  });

  it('prints the schema that ships beside the scenarios', async () => {
    const { stdout } = await petsConsole('schema', 'scenario');
    expect(JSON.parse(stdout)).toMatchObject({ title: 'A pets-console scenario, version 1' });
  });
});
