import { once } from 'node:events';
import { hostname } from 'node:os';
import { Redis } from 'ioredis';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildAppImage } from '../../app-image/build.ts';
import { freePort, type RunningProcess, runWeb, startRedis, startWeb, until } from './pets-processes.ts';

const running: RunningProcess[] = [];
const clients: Redis[] = [];

async function redisServer(port?: number, bind?: string): Promise<RunningProcess> {
  const redis = await startRedis(port, bind);
  running.push(redis);
  return redis;
}

async function webServer(environment: Record<string, string>): Promise<RunningProcess> {
  const web = await startWeb(environment);
  running.push(web);
  return web;
}

function redisClient(port: number): Redis {
  const client = new Redis(port, '127.0.0.1');
  clients.push(client);
  return client;
}

const pageOf = (web: RunningProcess, headers: Record<string, string> = {}) => fetch(`http://127.0.0.1:${web.port}/`, { headers });
const statusOf = async (web: RunningProcess, path: string) => (await fetch(`http://127.0.0.1:${web.port}${path}`)).status;
const ready = (web: RunningProcess) => until(async () => (await statusOf(web, '/readyz')) === 200, '/readyz is 200', web.output);

beforeAll(buildAppImage);

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await Promise.all(running.splice(0).map((process) => process.stop('SIGKILL')));
});

describe('a page request', () => {
  it('is one hit, counted for the tenant and the container, and says so in headers and page', async () => {
    const redis = await redisServer();
    const web = await webServer({ DB: `127.0.0.1:${redis.port}`, ROLE: 'cat', PETS_INSTANCE: 'cat-web' });
    await pageOf(web);
    const page = await pageOf(web);
    const html = await page.text();
    expect(page.headers.get('x-pets-counted')).toBe('true');
    expect(page.headers.get('x-pets-hits')).toBe('2');
    expect(page.headers.get('x-pets-served-by')).toBe('cat-web');
    expect(page.headers.get('x-pets-tenant')).toBe('cat');
    expect(html).toContain('<b id="hits">2</b>');
    expect(html).toMatch(/<img src="data:image\/svg\+xml;base64,/);
    const hits: unknown = await (await fetch(`http://127.0.0.1:${web.port}/api/hits`)).json();
    expect(hits).toEqual({ tenant: 'cat', database: 'connected', total: 2, byContainer: { 'cat-web': 2 } });
  });

  it('is not made by HEAD, by other paths, or by other methods', async () => {
    const redis = await redisServer();
    const web = await webServer({ DB: `127.0.0.1:${redis.port}`, ROLE: 'dog' });
    const url = `http://127.0.0.1:${web.port}`;
    expect((await fetch(`${url}/`, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${url}/favicon.ico`)).status).toBe(404);
    expect((await fetch(`${url}/`, { method: 'POST', body: 'x' })).status).toBe(405);
    for (const path of ['/livez', '/readyz', '/metrics', '/api/info']) await statusOf(web, path);
    expect((await pageOf(web)).headers.get('x-pets-hits')).toBe('1');
  });

  it('that is sent again with the same ID counts once and is published once', async () => {
    const redis = await redisServer();
    const web = await webServer({ DB: `127.0.0.1:${redis.port}`, ROLE: 'dog' });
    const subscriber = redisClient(redis.port);
    const published: string[] = [];
    subscriber.on('message', (_channel, text: string) => published.push((JSON.parse(text) as { hit: string }).hit));
    await subscriber.subscribe('pets:{dog}:hits');
    const first = await pageOf(web, { 'x-pets-hit': 'retry-1' });
    const again = await pageOf(web, { 'x-pets-hit': 'retry-1' });
    const other = await pageOf(web, { 'x-pets-hit': 'retry-2' });
    expect([first, again, other].map((page) => page.headers.get('x-pets-hits'))).toEqual(['1', '1', '2']);
    await until(
      () => published.length >= 2,
      'two hits are published',
      () => JSON.stringify(published),
    );
    expect(published).toEqual(['retry-1', 'retry-2']);
    expect(await redisClient(redis.port).ttl('pets:{dog}:hit:retry-1')).toBeGreaterThan(0);
  });

  it('echoes a good nonce and no other', async () => {
    const redis = await redisServer();
    const web = await webServer({ DB: `127.0.0.1:${redis.port}`, ROLE: 'dog' });
    expect((await pageOf(web, { 'x-pets-nonce': 'n-1' })).headers.get('x-pets-nonce')).toBe('n-1');
    expect((await pageOf(web, { 'x-pets-nonce': '<script>' })).headers.get('x-pets-nonce')).toBeNull();
  });
});

it('counts 1,000 concurrent hits over two containers exactly: responses, total, containers and published messages agree', async () => {
  const redis = await redisServer();
  const environment = { DB: `127.0.0.1:${redis.port}`, ROLE: 'cat' };
  const webs = [await webServer({ ...environment, PETS_INSTANCE: 'web-a' }), await webServer({ ...environment, PETS_INSTANCE: 'web-b' })];
  await Promise.all(webs.map(ready));
  const subscriber = redisClient(redis.port);
  const published = new Set<string>();
  subscriber.on('message', (_channel, text: string) => published.add((JSON.parse(text) as { hit: string }).hit));
  await subscriber.subscribe('pets:{cat}:hits');
  const [first, second] = webs as [RunningProcess, RunningProcess];
  const pages = await Promise.all(Array.from({ length: 1000 }, (_, index) => pageOf(index % 2 === 0 ? first : second)));
  const counted = pages.filter((page) => page.headers.get('x-pets-counted') === 'true');
  const uncertain = pages.filter((page) => page.headers.get('x-pets-counted') === 'uncertain');
  expect(uncertain).toHaveLength(0);
  const client = redisClient(redis.port);
  expect(Number(await client.get('pets:{cat}:total'))).toBe(counted.length);
  const byContainer = await client.hgetall('pets:{cat}:by-container');
  expect(Number(byContainer['web-a']) + Number(byContainer['web-b'])).toBe(counted.length);
  expect(new Set(counted.map((page) => page.headers.get('x-pets-hits'))).size).toBe(counted.length);
  await until(
    () => published.size === counted.length,
    'all hits are published',
    () => `${published.size} of ${counted.length}`,
  );
  expect(new Set(counted.map((page) => page.headers.get('x-pets-hit')))).toEqual(published);
  expect(counted.length).toBe(1000);
});

describe('while the database is away', () => {
  it('serves at once, tells that hits are not counted within 500 ms, and recovers by itself', async () => {
    const port = await freePort();
    const web = await webServer({ DB: `127.0.0.1:${port}`, ROLE: 'dog' });
    const startedAt = performance.now();
    const page = await pageOf(web);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(page.status).toBe(200);
    expect(page.headers.get('x-pets-counted')).toBe('false');
    expect(page.headers.get('x-pets-hits')).toBeNull();
    expect(await page.text()).toContain('this hit was not counted');
    expect([await statusOf(web, '/readyz'), await statusOf(web, '/livez'), await statusOf(web, '/api/hits')]).toEqual([503, 200, 503]);
    await redisServer(port);
    await until(async () => (await statusOf(web, '/readyz')) === 200, '/readyz is 200 again', web.output, 1000);
    expect((await pageOf(web)).headers.get('x-pets-hits')).toBe('1');
  });

  it('counts again after a restart that forgot the script, without counting what it reported as lost', async () => {
    const first = await redisServer();
    const web = await webServer({ DB: `127.0.0.1:${first.port}`, ROLE: 'dog' });
    expect((await pageOf(web)).headers.get('x-pets-counted')).toBe('true');
    await first.stop('SIGKILL');
    await until(async () => (await statusOf(web, '/readyz')) === 503, '/readyz is 503', web.output);
    expect((await pageOf(web)).headers.get('x-pets-counted')).toBe('false');
    await redisServer(first.port);
    await ready(web);
    expect((await pageOf(web)).headers.get('x-pets-hits')).toBe('1');
  });

  it('calls a hit uncertain when the database hangs with it, in bounded time, and recovers', async () => {
    const redis = await redisServer();
    const web = await webServer({ DB: `127.0.0.1:${redis.port}`, ROLE: 'dog' });
    await ready(web);
    redis.child.kill('SIGSTOP');
    const startedAt = performance.now();
    const page = await pageOf(web);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(page.headers.get('x-pets-counted')).toBe('uncertain');
    expect(await statusOf(web, '/readyz')).toBe(503);
    redis.child.kill('SIGCONT');
    await ready(web);
    expect((await pageOf(web)).headers.get('x-pets-counted')).toBe('true');
  });
});

describe('settings', () => {
  it.each([
    [{ ROLE: 'cat' }, /^pets: DB is not set; .*DB=cat-db:6379\n$/],
    [{ DB: 'cat-db:0', ROLE: 'cat' }, /^pets: DB is "cat-db:0"; .*\n$/],
    [{ DB: 'fd00::1', ROLE: 'cat' }, /^pets: DB is "fd00::1"; .*\[IPv6 address\].*\n$/],
    [{ DB: 'cat-db' }, /^pets: ROLE is not set; .*\n$/],
    [{ DB: 'cat-db', ROLE: '../../etc\n' }, /^pets: ROLE is "\.\.\/\.\.\/etc\\n"; .*\n$/],
    [{ DB: 'cat-db', ROLE: 'cat', PORT: '70000' }, /^pets: PORT is "70000"; .*\n$/],
  ])('that are bad end with one clear line: %j', async (environment, line) => {
    const child = runWeb(environment);
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString('utf8');
    });
    await once(child, 'close');
    expect(child.exitCode).toBe(2);
    expect(errors).toMatch(line);
  });

  it('take a database behind an IPv6 address', async () => {
    const redis = await redisServer(undefined, '::1');
    const web = await webServer({ DB: `[::1]:${redis.port}`, ROLE: 'dog' });
    expect((await pageOf(web)).headers.get('x-pets-counted')).toBe('true');
  });

  it('take a name from /etc/hosts, and any tenant', async () => {
    const redis = await redisServer();
    const web = await webServer({ DB: `localhost:${redis.port}`, ROLE: 'hamster' });
    const page = await pageOf(web);
    expect(page.headers.get('x-pets-counted')).toBe('true');
    expect(page.headers.get('x-pets-served-by')).toBe(hostname());
    expect(await page.text()).toContain('alt="A pet of tenant hamster, drawn"');
  });
});

it.each(['SIGTERM', 'SIGINT'] as const)('ends by %s within a second, even with a connection kept open', async (signal) => {
  const redis = await redisServer();
  const web = await webServer({ DB: `127.0.0.1:${redis.port}`, ROLE: 'dog' });
  await (await pageOf(web)).text();
  const startedAt = performance.now();
  expect(await web.stop(signal)).toBe(0);
  running.splice(running.indexOf(web), 1);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});

it('shows metrics that Prometheus can read', async () => {
  const redis = await redisServer();
  const web = await webServer({ DB: `127.0.0.1:${redis.port}`, ROLE: 'dog', PETS_INSTANCE: 'dog-web' });
  await pageOf(web);
  const text = await (await fetch(`http://127.0.0.1:${web.port}/metrics`)).text();
  expect(text).toContain('pets_page_requests_total{tenant="dog",container="dog-web",outcome="counted"} 1\n');
  expect(text).toContain('pets_tenant_hits_total{tenant="dog"} 1\n');
  for (const line of text.trim().split('\n')) expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|\w+\{[^}]*\} [0-9.e+-]+)$/);
});
