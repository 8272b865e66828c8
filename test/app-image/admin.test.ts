import { once } from 'node:events';
import { Redis } from 'ioredis';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildAppImage } from '../../app-image/build.ts';
import { waitUntil } from '../support/wait-until.ts';
import { freePort, type RunningProcess, runProgram, startAdmin, startRedis, startWeb } from './pets-processes.ts';

interface Hits {
  readonly tenants: readonly { tenant: string; total: number; byContainer: Record<string, number>; database: string; state: string }[];
  readonly databases: readonly { variable: string; address: string; state: string; since: string; why?: string; tenants: string[] }[];
}

const running: RunningProcess[] = [];
const keep = async (started: Promise<RunningProcess>): Promise<RunningProcess> => {
  const each = await started;
  running.push(each);
  return each;
};
const addressOf = ({ port }: RunningProcess) => `127.0.0.1:${port}`;
const urlOf = (server: RunningProcess, path: string) => `http://127.0.0.1:${server.port}${path}`;
const hitsOf = async (admin: RunningProcess) => (await (await fetch(urlOf(admin, '/api/hits'))).json()) as Hits;
const stateOf = ({ databases }: Hits, redis: RunningProcess) => databases.find(({ address }) => address === addressOf(redis))?.state;

/** A database with so many hits of the tenant, made by a real web server. */
async function tenantWith(tenant: string, hits: number, redis?: RunningProcess): Promise<RunningProcess> {
  const database = redis ?? (await keep(startRedis()));
  const web = await keep(startWeb({ DB: addressOf(database), ROLE: tenant, PETS_INSTANCE: `${tenant}-web` }));
  for (let hit = 0; hit < hits; hit += 1) {
    const page = await fetch(urlOf(web, '/'));
    expect(page.headers.get('x-pets-counted')).toBe('true');
  }
  return database;
}

async function changeIn(redis: RunningProcess, change: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(redis.port, '127.0.0.1');
  await change(client);
  client.disconnect();
}

beforeAll(buildAppImage);
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.stop('SIGKILL')));
});

describe('admin', () => {
  it('shows what each web container counted, in order, by tenants that it learns from the databases themselves', async () => {
    const [dog, cat] = [await tenantWith('dog', 3), await tenantWith('cat', 1)];
    await tenantWith('owl', 2, cat);
    const admin = await keep(startAdmin({ DB10: addressOf(cat), DB2: addressOf(dog), PETS_INSTANCE: 'admin-1' }));
    expect(admin.output()).toContain('pets: admin is ready, 2 of 2 databases answer\n');
    const { tenants, databases } = await hitsOf(admin);
    expect(tenants).toEqual([
      { tenant: 'dog', total: 3, byContainer: { 'dog-web': 3 }, database: addressOf(dog), state: 'live' },
      { tenant: 'cat', total: 1, byContainer: { 'cat-web': 1 }, database: addressOf(cat), state: 'live' },
      { tenant: 'owl', total: 2, byContainer: { 'owl-web': 2 }, database: addressOf(cat), state: 'live' },
    ]);
    expect(databases.map(({ variable, state, tenants: served }) => [variable, state, served])).toEqual([
      ['DB2', 'live', ['dog']],
      ['DB10', 'live', ['cat', 'owl']],
    ]);
    const page = await fetch(urlOf(admin, '/'), { headers: { 'x-pets-nonce': 'n-1' } });
    expect([page.status, page.headers.get('x-pets-nonce'), page.headers.get('x-pets-served-by')]).toEqual([200, 'n-1', 'admin-1']);
    const html = await page.text();
    expect(html).toContain('3 tenants, 6 hits; 2 of 2 databases answer');
    for (const part of ['<b>3</b> <span>hits', '<b>1</b> <span>hit<', 'dog-web', 'owl-web', '/picture?tenant=dog']) {
      expect(html).toContain(part);
    }
  });

  it('learns of a first hit, of further ones and of a new container at once', async () => {
    const redis = await keep(startRedis());
    const admin = await keep(startAdmin({ DB1: addressOf(redis) }));
    expect(stateOf(await hitsOf(admin), redis)).toBe('empty');
    expect(await (await fetch(urlOf(admin, '/'))).text()).toContain('no tenant yet');
    await tenantWith('dog', 1, redis);
    const first = await waitUntil(
      'the tenant',
      () => hitsOf(admin),
      ({ tenants }) => tenants.length === 1,
      1000,
    );
    expect(first.databases).toMatchObject([{ state: 'live', tenants: ['dog'] }]);
    await changeIn(redis, (client) => client.multi().incrby('pets:{dog}:total', 7).hincrby('pets:{dog}:by-container', 'other', 7).exec());
    await waitUntil(
      'both containers',
      () => hitsOf(admin),
      ({ tenants }) => tenants[0]?.total === 8 && tenants[0].byContainer.other === 7,
      1000,
    );
  });

  it('tells each time of every hit that was counted before it was asked', async () => {
    const redis = await tenantWith('dog', 1);
    const admin = await keep(startAdmin({ DB1: addressOf(redis) }));
    await changeIn(redis, async (client) => {
      // Longer than the admin's own watch takes from one reading to the next: asked right after one of those, too.
      for (let hits = 2; hits <= 60; hits += 1) {
        await client.incr('pets:{dog}:total');
        const asked = await Promise.all([hitsOf(admin), hitsOf(admin)]);
        expect(asked.map(({ tenants }) => tenants[0]?.total)).toEqual([hits, hits]);
      }
    });
  });

  it('finds a tenant among very many foreign keys, and reads on while it searches', async () => {
    const redis = await tenantWith('dog', 2);
    await changeIn(redis, (client) => client.eval("for i = 1, 60000 do redis.call('SET', 'foreign:' .. i, i) end", 0));
    const admin = await keep(startAdmin({ DB1: addressOf(redis) }));
    const { tenants } = await waitUntil(
      'the tenant',
      () => hitsOf(admin),
      (hits) => hits.tenants.length === 1,
      10_000,
    );
    expect(tenants).toMatchObject([{ tenant: 'dog', total: 2 }]);
  });

  it("leaves keys alone that are not as a web server writes them, and shows no stranger's markup", async () => {
    const redis = await tenantWith('dog', 1);
    await changeIn(redis, async (client) => {
      await client.set('pets:{<script>alert(1)</script>}:total', '5');
      await client.set('pets:{word}:total', 'many');
      await client.rpush('pets:{list}:total', 'x');
      await client.hset('pets:{dog}:by-container', '<img src=x>', '4', 'word', 'many');
    });
    const admin = await keep(startAdmin({ DB1: addressOf(redis) }));
    const { tenants } = await hitsOf(admin);
    expect(tenants).toMatchObject([{ tenant: 'dog', total: 1, byContainer: { 'dog-web': 1, '<img src=x>': 4 } }]);
    const html = await (await fetch(urlOf(admin, '/'))).text();
    expect(html).toContain('&lt;img src=x&gt;');
    expect(html).not.toMatch(/<img src=x>|alert\(1\)/);
  });
});

describe('a database that', () => {
  const unreachable = async () => `127.0.0.1:${await freePort()}`;

  it('was never there hides and delays no other', async () => {
    const dog = await tenantWith('dog', 2);
    const environment = { DB1: await unreachable(), DB2: addressOf(dog), DB3: 'nobody.invalid', DB4: '127.0.0.1:1' };
    const admin = await keep(startAdmin(environment));
    expect(admin.output()).toMatch(
      /admin is ready, 1 of 4 databases answer; away: 127\.0\.0\.1:\d+ \(nobody listens there\), nobody\.invalid/,
    );
    const startedAt = performance.now();
    const { tenants, databases } = await hitsOf(admin);
    const html = await (await fetch(urlOf(admin, '/'))).text();
    expect(performance.now() - startedAt).toBeLessThan(400);
    expect(tenants).toMatchObject([{ tenant: 'dog', total: 2, state: 'live' }]);
    expect(databases.map(({ state }) => state)).toEqual(['away', 'live', 'away', 'away']);
    expect(html).toContain('1 tenant, at least 2 hits; 1 of 4 databases answer');
    expect(html).toMatch(/The database nobody\.invalid is away since .*UTC<\/time> \(\d+ s\): /);
    expect((await fetch(urlOf(admin, '/readyz'))).status).toBe(200);
  });

  it('ends is away at once, with its last count and since when; it may come back empty', async () => {
    const [dog, cat] = [await tenantWith('dog', 2), await tenantWith('cat', 3)];
    const admin = await keep(startAdmin({ DB1: addressOf(dog), DB2: addressOf(cat) }));
    const before = Date.now();
    await cat.stop('SIGKILL');
    const away = await waitUntil(
      'cat is away',
      () => hitsOf(admin),
      (hits) => stateOf(hits, cat) === 'away',
      1000,
    );
    expect(away.tenants).toMatchObject([
      { tenant: 'dog', total: 2, state: 'live' },
      { tenant: 'cat', total: 3, state: 'away' },
    ]);
    const since = Date.parse(away.databases[1]?.since ?? '');
    expect(since).toBeGreaterThanOrEqual(before - 1);
    expect(since).toBeLessThanOrEqual(Date.now());
    expect(await (await fetch(urlOf(admin, '/'))).text()).toContain('hits when last heard');
    await keep(startRedis(cat.port));
    const back = await waitUntil(
      'it is back',
      () => hitsOf(admin),
      (hits) => stateOf(hits, cat) === 'empty',
      2000,
    );
    expect(back.tenants.map(({ tenant }) => tenant)).toEqual(['dog']);
    const log = admin.output().split('\n');
    expect(log.filter((line) => line.includes(addressOf(cat))).slice(1)).toEqual([
      `pets: database ${addressOf(cat)} answers: cat`,
      expect.stringMatching(/ is away: (it does not answer|it closed the connection)$/),
      `pets: database ${addressOf(cat)} answers: no tenant yet`,
    ]);
    expect(log.every((line) => line === '' || line.startsWith('pets: '))).toBe(true);
  });

  it('hangs is away within two seconds, never holds up the others, and recovers', async () => {
    const [dog, cat] = [await tenantWith('dog', 2), await tenantWith('cat', 3)];
    const admin = await keep(startAdmin({ DB1: addressOf(dog), DB2: addressOf(cat) }));
    cat.child.kill('SIGSTOP');
    const slowest = { ms: 0 };
    const away = await waitUntil(
      'cat is away',
      async () => {
        const startedAt = performance.now();
        const hits = await hitsOf(admin);
        slowest.ms = Math.max(slowest.ms, performance.now() - startedAt);
        return hits;
      },
      (hits) => stateOf(hits, cat) === 'away',
      2500,
    );
    expect(slowest.ms).toBeLessThan(400);
    expect(away.tenants).toMatchObject([
      { tenant: 'dog', state: 'live' },
      { tenant: 'cat', total: 3, state: 'away' },
    ]);
    expect(away.databases[1]?.why).toBe('it does not answer');
    cat.child.kill('SIGCONT');
    await waitUntil(
      'cat is back',
      () => hitsOf(admin),
      (hits) => stateOf(hits, cat) === 'live',
      3000,
    );
  });

  it('wants a password, or is none at all, is away and says so', async () => {
    const locked = await keep(startRedis(undefined, '127.0.0.1', '--requirepass', 'secret'));
    const redis = await keep(startRedis());
    const web = await keep(startWeb({ DB: addressOf(redis), ROLE: 'dog' }));
    const admin = await keep(startAdmin({ DB1: addressOf(locked), DB2: addressOf(web) }));
    const { databases } = await hitsOf(admin);
    expect(databases.map(({ state }) => state)).toEqual(['away', 'away']);
    expect(databases[0]?.why).toMatch(/^it says "NOAUTH /);
    const ready = await fetch(urlOf(admin, '/readyz'));
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('no database answers\n')]);
    expect((await fetch(urlOf(admin, '/livez'))).status).toBe(200);
    for (const line of admin.output().trim().split('\n')) expect(line).toMatch(/^pets: /);
  });
});

describe('the admin program', () => {
  it.each([
    [{}, /^pets: DB1 is not set; .*DB1=cat-db:6379\n$/],
    [{ DB: 'cat-db' }, /^pets: DB1 is not set; .*\n$/],
    [{ DB1: 'cat-db', DB3: '' }, /^pets: DB3 is not set; .*\n$/],
    [{ DB1: 'cat-db', DB2: 'dog db' }, /^pets: DB2 is "dog db"; .*DB2=cat-db:6379\n$/],
    [{ DB1: 'cat-db', PORT: '0' }, /^pets: PORT is "0"; .*\n$/],
  ])('refuses %j with one clear line', async (environment: Record<string, string>, line) => {
    const child = runProgram('admin', environment);
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString('utf8');
    });
    await once(child, 'close');
    expect(child.exitCode).toBe(2);
    expect(errors).toMatch(line);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends by %s within a second, even with a connection kept open', async (signal) => {
    const admin = await startAdmin({ DB1: addressOf(await keep(startRedis())) });
    await (await fetch(urlOf(admin, '/'))).text();
    const startedAt = performance.now();
    expect(await admin.stop(signal)).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('shows metrics that Prometheus can read, without counts of one that is away', async () => {
    const [dog, cat] = [await tenantWith('dog', 2), await tenantWith('cat', 1)];
    const admin = await keep(startAdmin({ DB1: addressOf(dog), DB2: addressOf(cat) }));
    await cat.stop('SIGKILL');
    const metrics = () => fetch(urlOf(admin, '/metrics')).then((answer) => answer.text());
    const text = await waitUntil(
      'cat is down',
      metrics,
      (told) => told.includes(`pets_database_up{database="${addressOf(cat)}"} 0\n`),
      1000,
    );
    expect(text).toContain(`pets_database_up{database="${addressOf(dog)}"} 1\n`);
    expect(text).toContain(`pets_tenant_hits_total{tenant="dog",database="${addressOf(dog)}"} 2\n`);
    expect(text).not.toContain('tenant="cat"');
    for (const line of text.trim().split('\n')) expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|\w+\{[^}]*\} [0-9.e+-]+)$/);
  });

  it('serves a picture of any tenant, and nothing that it does not have', async () => {
    const admin = await keep(startAdmin({ DB1: addressOf(await keep(startRedis())) }));
    const picture = await fetch(urlOf(admin, '/picture?tenant=dog'));
    expect([picture.headers.get('content-type'), picture.headers.get('cache-control')]).toEqual(['image/svg+xml', 'public, max-age=86400']);
    expect(await picture.text()).toMatch(/^<svg /);
    for (const path of ['/picture?tenant=../web', '/picture', '/nope']) expect((await fetch(urlOf(admin, path))).status).toBe(404);
    expect((await fetch(urlOf(admin, '/'), { method: 'POST', body: 'x' })).status).toBe(405);
  });
});
