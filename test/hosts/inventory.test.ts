import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PetsError } from '../../src/domain/errors.ts';
import { hostsJsonSchema } from '../../src/hosts/hosts-file.ts';
import { type HostQuestion, resolveHosts } from '../../src/hosts/inventory.ts';

let folder: string;
const listening: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pets-hosts-'));
  await Promise.all(['home/.docker', 'cwd', 'labs'].map((name) => mkdir(join(folder, name), { recursive: true })));
  // Docker's own default socket must not decide a test: whatever this machine runs, the current context points into the folder.
  await writeContext('nowhere', `unix://${join(folder, 'nowhere.sock')}`);
  await write('home/.docker/config.json', { currentContext: 'nowhere' });
});

afterEach(async () => {
  await Promise.all(listening.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  await rm(folder, { recursive: true });
});

function ask(question: Partial<HostQuestion> = {}) {
  return resolveHosts({
    flags: {},
    env: {},
    cwd: join(folder, 'cwd'),
    home: join(folder, 'home'),
    labsFolder: join(folder, 'labs'),
    ...question,
  });
}

async function refusal(question: Partial<HostQuestion>): Promise<PetsError> {
  const error = await ask(question).catch((reason: unknown) => reason);
  if (error instanceof PetsError) return error;
  throw new Error(`a refusal was expected, not ${JSON.stringify(error)}`);
}

async function write(path: string, content: unknown): Promise<string> {
  const whole = join(folder, path);
  await mkdir(join(whole, '..'), { recursive: true });
  await writeFile(whole, typeof content === 'string' ? content : JSON.stringify(content));
  return whole;
}

async function writeContext(name: string, host: string, skipTlsVerify = false): Promise<string> {
  const hash = createHash('sha256').update(name).digest('hex');
  const endpoints = { docker: { Host: host, SkipTLSVerify: skipTlsVerify } };
  await write(`home/.docker/contexts/meta/${hash}/meta.json`, { Name: name, Endpoints: endpoints });
  return `home/.docker/contexts/tls/${hash}/docker`;
}

async function listen(path: string): Promise<string> {
  const server = createServer().listen(join(folder, path));
  await new Promise((resolve) => server.once('listening', resolve));
  listening.push(server);
  return `unix://${join(folder, path)}`;
}

const hostsYaml = 'hosts:\n  - name: host-A\n    endpoint: tcp://192.168.0.11:2375\n';

describe('the first source that has any wins', () => {
  it('in the order of the contract, each said by its name', async () => {
    const home = await listen('home.sock');
    const lab = await listen('lab.sock');
    await writeContext('colima', home);
    await write('home/.docker/config.json', { currentContext: 'colima' });
    await write('labs/lab/hosts.json', { hosts: [{ name: 'host-A', endpoint: lab, address: '192.168.0.11' }] });
    await write('home/.config/pets-console/hosts.yaml', hostsYaml);
    await write('cwd/hosts.yaml', hostsYaml);
    const named = await write('named.yaml', hostsYaml);
    const env = { DOCKER_HOST: 'tcp://10.0.0.9:2375', DOCKER_CONTEXT: 'colima' };
    const sources: string[] = [];
    const note = async (question: Partial<HostQuestion>) => sources.push((await ask(question)).source);

    await note({ flags: { host: [home], hostsFile: named }, env });
    await note({ flags: { context: 'colima', hostsFile: named }, env });
    await note({ flags: { hostsFile: named }, env });
    await note({ env });
    await rm(join(folder, 'cwd/hosts.yaml'));
    await note({ env });
    await note({ env: { DOCKER_CONTEXT: 'colima' } });
    await note({});
    await rm(join(folder, 'home/.config'), { recursive: true });
    await note({});
    await write('home/.docker/config.json', { currentContext: 'nowhere' });
    await note({});

    const userFile = join(folder, 'home/.config/pets-console/hosts.yaml');
    expect(sources).toEqual([
      '--host',
      'context colima',
      `--hosts ${named}`,
      './hosts.yaml',
      'DOCKER_HOST',
      'context colima',
      userFile,
      'context colima',
      'lab lab',
    ]);
  });

  it('takes a lab’s own file as the lab wrote it, and checks one that is not as labs write it like any other', async () => {
    const underlay = { subnet: '192.168.0.0/24', gateway: '192.168.0.1' };
    const host = { name: 'host-A', endpoint: 'unix:///run/a.sock', address: '192.168.0.11', parent: 'eth0' };
    const written = await write('labs/demo/hosts.json', { underlay, hosts: [host] });
    expect(await ask({ flags: { hostsFile: written } })).toMatchObject({ hosts: [host], underlay });
    for (const broken of ['{ "hosts": [', JSON.stringify({ hosts: [{ ...host, endpoint: 'carrier-pigeon' }] })]) {
      const { code, message } = await refusal({ flags: { hostsFile: await write('labs/broken/hosts.json', broken) } });
      expect(code).toBe('BAD_FILE');
      expect(message).toMatch(/hosts\.json:\d+:\d+: /);
    }
  });

  it('says all that was tried, and the next command, where there is none', async () => {
    await write('labs/old/hosts.json', { hosts: [{ name: 'host-A', endpoint: `unix://${folder}/gone.sock` }] });
    const { code, message, hint } = await refusal({});
    expect(code).toBe('NO_ENGINE');
    for (const part of [
      '--host, --context',
      './hosts.yaml',
      'DOCKER_HOST',
      'hosts.yaml',
      'nothing answers at unix://',
      'lab old does not answer',
    ]) {
      expect(message).toContain(part);
    }
    expect(hint).toContain('pets-console lab up');
  });
});

describe('--host', () => {
  it('takes NAME=ENDPOINT, and names and places what has no name', async () => {
    const flags = { host: ['unix:///run/a=b.sock', 'host-B=tcp://192.168.0.12:2375', 'tcp://[fd00::5]:2375', 'tcp://docker.lan'] };
    expect((await ask({ flags })).hosts).toEqual([
      { name: 'local', endpoint: 'unix:///run/a=b.sock', address: '127.0.0.1' },
      { name: 'host-B', endpoint: 'tcp://192.168.0.12:2375', address: '192.168.0.12' },
      { name: 'fd00::5', endpoint: 'tcp://[fd00::5]:2375', address: 'fd00::5' },
      { name: 'docker.lan', endpoint: 'tcp://docker.lan', address: 'docker.lan' },
    ]);
  });

  it('takes ssh, and a docker context by name', async () => {
    await writeContext('prod', 'tcp://10.0.0.8:2376');
    const flags = { host: ['far=ssh://me@far.invalid:2222/run/user/1000/docker.sock', 'context:prod', 'host-B=context:prod'] };
    expect((await ask({ env: { DOCKER_HOST: 'ssh://me@far.invalid', DOCKER_TLS_VERIFY: '1' } })).hosts).toEqual([
      { name: 'far.invalid', endpoint: 'ssh://me@far.invalid', address: 'far.invalid' },
    ]);
    expect((await ask({ flags })).hosts).toEqual([
      { name: 'far', endpoint: 'ssh://me@far.invalid:2222/run/user/1000/docker.sock', address: 'far.invalid' },
      { name: 'prod', endpoint: 'tcp://10.0.0.8:2376', address: '10.0.0.8' },
      { name: 'host-B', endpoint: 'tcp://10.0.0.8:2376', address: '10.0.0.8' },
    ]);
  });

  it.each([
    ['ssh://me:secret@host', /holds a password/],
    ['ssh://-oProxyCommand=x', /no host that ssh could be given/],
    ['ssh://-l@host', /no user that ssh could be given/],
    ['ssh://me@host/run/docker.sock:1', /socket's path/],
    ['http://host', /endpoints: unix:\/\/\/PATH, tcp:\/\/HOST:PORT, ssh:\/\/USER@HOST\[:PORT\], context:NAME/],
    ['192.168.0.11:2375', /is not known; endpoints:/],
    ['unix://relative', /must begin with \//],
    ['tcp://', /is not known/],
    ['tcp://host:2375/path', /is not known/],
    ['bad name=unix:///a', /no name for a host/],
    ['\u001b[2J=tcp://x', /␛\[2J/],
  ])('refuses %j as bad usage', async (host, words) => {
    const error = await refusal({ flags: { host: [host] } });
    expect([error.code, error.exitStatus]).toEqual(['BAD_USAGE', 2]);
    expect(error.message).toMatch(words);
  });

  it('refuses two hosts of one name, and --context beside it', async () => {
    expect((await refusal({ flags: { host: ['unix:///a', 'unix:///b'] } })).message).toContain('two hosts are named local');
    expect((await refusal({ flags: { host: ['unix:///a'], context: 'x' } })).message).toContain('cannot be used together');
  });
});

describe('TLS', () => {
  const certificates = { 'ca.pem': 'CA', 'cert.pem': 'CERT', 'key.pem': 'KEY' };
  const writeCertificates = (path: string) =>
    Promise.all(Object.entries(certificates).map(([name, text]) => write(`${path}/${name}`, text)));

  it('comes from DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, for tcp only', async () => {
    await writeCertificates('certs');
    const env = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: join(folder, 'certs') };
    const [host] = (await ask({ env: { ...env, DOCKER_HOST: 'tcp://10.0.0.9:2376' } })).hosts;
    expect(host?.tls).toEqual({ verify: true, ca: Buffer.from('CA'), cert: Buffer.from('CERT'), key: Buffer.from('KEY') });
    expect((await ask({ env: { ...env, DOCKER_HOST: 'unix:///a' } })).hosts[0]?.tls).toBeUndefined();
  });

  it("comes from the context's own files", async () => {
    await writeCertificates(await writeContext('prod', 'tcp://10.0.0.8:2376', true));
    const [host] = (await ask({ flags: { context: 'prod' } })).hosts;
    expect(host).toMatchObject({ name: 'prod', endpoint: 'tcp://10.0.0.8:2376', address: '10.0.0.8', tls: { verify: false } });
    expect(host?.tls?.key).toEqual(Buffer.from('KEY'));
  });

  it('refuses a certificate without its key', async () => {
    await write('certs/cert.pem', 'CERT');
    const env = { DOCKER_HOST: 'tcp://10.0.0.9:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: join(folder, 'certs') };
    expect((await refusal({ env })).message).toContain('cert.pem without key.pem');
  });
});

describe('contexts', () => {
  it('refuses one that is not known, with those that are and a guess', async () => {
    await writeContext('colima', 'unix:///c');
    const { code, message } = await refusal({ flags: { context: 'colmia' } });
    expect(code).toBe('NOT_FOUND');
    expect(message).toContain('contexts: default, colima, nowhere. Did you mean colima?');
  });

  it('takes a current context over ssh only if it answers, and says why it did not', async () => {
    await writeContext('far', 'ssh://me@127.0.0.1:1');
    await write('home/.docker/config.json', { currentContext: 'far' });
    expect((await ask({ flags: { context: 'far' } })).hosts).toEqual([
      { name: 'far', endpoint: 'ssh://me@127.0.0.1:1', address: '127.0.0.1' },
    ]);
    const { code, message } = await refusal({});
    expect(code).toBe('NO_ENGINE');
    expect(message).toMatch(/context far +far: no way over ssh to 127\.0\.0\.1: no ssh server listens there/);
  });

  it('reads the configuration where DOCKER_CONFIG says', async () => {
    await write('other/config.json', { currentContext: 'default' });
    const { hosts } = await ask({ env: { DOCKER_CONFIG: join(folder, 'other'), DOCKER_CONTEXT: 'default' } });
    expect(hosts).toEqual([{ name: 'local', endpoint: 'unix:///var/run/docker.sock', address: '127.0.0.1' }]);
  });

  it('says which file of Docker is broken', async () => {
    const path = await write('home/.docker/config.json', '{');
    const { code, message } = await refusal({});
    expect([code, message]).toEqual(['BAD_FILE', expect.stringContaining(path)]);
  });
});

describe('a hosts file', () => {
  it('says all of a host: TLS files beside it, keys for ssh, parent, read-only, and the network that they share', async () => {
    for (const name of ['ca.pem', 'mine.pem', 'mine-key.pem']) await write(`inventory/certs/${name}`, name);
    await write('home/.ssh/deploy', 'KEY');
    const path = await write(
      'inventory/hosts.yaml',
      `underlay: { subnet: 192.168.0.0/24, gateway: 192.168.0.1 }
hosts:
  - name: host-A
    endpoint: tcp://10.0.0.8:2376
    address: 192.168.0.11
    parent: bond0.10
    tls: { ca: certs/ca.pem, cert: certs/mine.pem, key: certs/mine-key.pem }
  - name: host-B
    endpoint: ssh://me@far.invalid
    readOnly: true
    ssh: { identityFile: ~/.ssh/deploy, knownHostsFile: known }
`,
    );
    const pem = (name: string) => Buffer.from(name);
    expect(await ask({ flags: { hostsFile: path } })).toMatchObject({
      underlay: { subnet: '192.168.0.0/24', gateway: '192.168.0.1' },
      hosts: [
        {
          name: 'host-A',
          address: '192.168.0.11',
          parent: 'bond0.10',
          tls: { verify: true, ca: pem('ca.pem'), cert: pem('mine.pem'), key: pem('mine-key.pem') },
        },
        {
          name: 'host-B',
          address: 'far.invalid',
          readOnly: true,
          ssh: { identityFile: join(folder, 'home/.ssh/deploy'), knownHostsFile: join(folder, 'inventory/known') },
        },
      ],
    });
  });

  it('names the subnet that an address stands for, where it is written and not in the scenario that uses it', async () => {
    const path = await write('inside.yaml', 'underlay: { subnet: 192.168.0.5/24 }\nhosts: [{ name: a, endpoint: "unix:///a" }]\n');
    const { code, message } = await refusal({ flags: { hostsFile: path } });
    expect(code).toBe('BAD_FILE');
    expect(message).toContain(`${path}:1:21: 192.168.0.5/24 is an address inside a subnet, not a subnet; did you mean 192.168.0.0/24?`);
  });

  it('is checked whole: every issue at its line and column', async () => {
    const path = await write(
      'bad.yaml',
      `underlay: { subnet: 192.168.0.0/24, gateway: 10.0.0.1 }
hosts:
  - name: host-A
    endpoint: ssh://me:pw@x
  - name: host-A
    endpoint: tcp://h:1
    adress: y
    tls: { ca: nowhere.pem, cert: bad.yaml }
  - {name: "a b", endpoint: 7, parent: "eth 0"}
  - name: host-C
    endpoint: unix:///c
    address: 10.0.0.1:80
    ssh: {}
`,
    );
    const { code, message } = await refusal({ flags: { hostsFile: path } });
    expect(code).toBe('BAD_FILE');
    const places = message.split('\n').filter((line) => line.startsWith(path));
    expect(places.map((line) => line.slice(path.length + 1))).toEqual([
      '1:46: the gateway is not in the subnet 192.168.0.0/24',
      expect.stringMatching(/^4:15: .*holds a password/),
      '5:11: two hosts are named host-A',
      expect.stringMatching(/^7:5: .*adress.*Did you mean address/),
      '8:5: cert and key are needed both, or neither',
      `8:16: there is no file ${join(folder, 'nowhere.pem')}`,
      expect.stringMatching(/^9:12: a host is named/),
      expect.stringMatching(/^9:29: expected text/),
      expect.stringMatching(/^9:40: an interface is named/),
      expect.stringMatching(/^12:14: expected an address/),
      '13:5: these are for ssh:// endpoints only',
    ]);
  });

  it('names a docker context, which has to be there', async () => {
    await writeContext('prod', 'tcp://10.0.0.8:2376');
    const path = await write('hosts.yaml', 'hosts:\n  - { name: host-A, endpoint: "context:prod", address: 192.168.0.11 }\n');
    const { hosts } = await ask({ flags: { hostsFile: path } });
    expect(hosts).toEqual([{ name: 'host-A', endpoint: 'tcp://10.0.0.8:2376', address: '192.168.0.11' }]);
    await write('hosts.yaml', 'hosts:\n  - { name: host-A, endpoint: "context:prd" }\n');
    expect(await refusal({ flags: { hostsFile: path } })).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('Did you mean prod?'),
    });
  });

  it('has a schema that says the same, and ships beside the scenarios', async () => {
    const shipped: unknown = JSON.parse(await readFile('scenarios/hosts.v1.schema.json', 'utf8'));
    expect(shipped).toEqual(hostsJsonSchema());
    const check = new Ajv2020({ strict: true }).compile(hostsJsonSchema());
    const host = { name: 'host-A', endpoint: 'unix:///a', parent: 'eth0', readOnly: true };
    expect(check({ underlay: { subnet: '192.168.0.0/24' }, hosts: [host] })).toBe(true);
    expect(check({ hosts: [{ ...host, adress: 'y' }] })).toBe(false);
    expect(check({ hosts: [] })).toBe(false);
  });

  it('has to be there when it is named', async () => {
    expect((await refusal({ flags: { hostsFile: 'none.yaml' } })).code).toBe('NOT_FOUND');
  });

  it('is taken from the working folder, with the address that it gives', async () => {
    await write('cwd/mine.json', { hosts: [{ name: 'a', endpoint: 'unix:///a', address: '192.168.0.11' }] });
    const { hosts } = await ask({ flags: { hostsFile: 'mine.json' } });
    expect(hosts).toEqual([{ name: 'a', endpoint: 'unix:///a', address: '192.168.0.11' }]);
  });
});
