import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { waitUntil } from '../support/wait-until.ts';

const lab = startEngineLab('t-admin', '192.168.106.0/24');
const origin = () => `http://${lab.host.address}:7000`;
const SCENARIO = 'test/page/tenants.yaml';
/** Kept for eyes where this names a folder. */
const PICTURES = process.env.PETS_SCREENSHOTS;

describe.skipIf(skipWithoutLab)('the page of all tenants, of an admin container on two networks, in a real browser', () => {
  let browser: Browser | undefined;
  let page: Page;
  let complaints: string[];
  let asked: string[];

  beforeAll(async () => {
    browser = await openBrowser();
    const { status, stderr } = await lab.console('up', SCENARIO);
    expect(status, stderr).toBe(0);
  });
  afterAll(async () => browser?.close());
  beforeEach(async () => {
    if (browser === undefined) throw new Error('no browser');
    page = await browser.newPage({ viewport: { width: 1240, height: 760 } });
    [complaints, asked] = [[], []];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    return () => page.close();
  });

  const hit = async (port: number, times: number) => {
    for (let count = 0; count < times; count += 1) {
      const answer = await fetch(`http://${lab.host.address}:${port}/`);
      expect(answer.headers.get('x-pets-counted')).toBe('true');
    }
  };
  const cardOf = (tenant: string) => page.locator('article', { has: page.locator('.tenant', { hasText: tenant }) });
  const countOf = async (tenant: string) => Number((await cardOf(tenant).locator('.count b').textContent())?.replaceAll(',', ''));
  const countInRedis = async (tenant: string) =>
    Number(await lab.docker('exec', `${tenant}-db`, 'redis-cli', 'get', `pets:{${tenant}}:total`));
  const photograph = async (name: string) => {
    if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  };
  const shows = (what: string, look: () => Promise<unknown>, wanted: unknown, boundMs = 15_000) =>
    waitUntil(what, look, (found) => found === wanted, boundMs);

  it('shows databases that hold nothing yet, then each tenant with its picture and containers, without a reload', async () => {
    await page.goto(origin());
    await photograph('admin-empty');
    expect(await page.locator('.state').allTextContents()).toEqual(['empty', 'empty']);
    await hit(8000, 3);
    await hit(9000, 1);
    await shows('three hits of dog', () => cardOf('dog').locator('.count').allTextContents().then(String), '3 hits');
    await shows('one hit of cat', () => cardOf('cat').locator('.count').allTextContents().then(String), '1 hit');
    for (const tenant of ['dog', 'cat']) {
      const image = page.getByRole('img', { name: new RegExp(`\\b${tenant}\\b`) });
      const width = await image.evaluate(async (element: unknown) => {
        const drawn = element as { decode(): Promise<void>; readonly naturalWidth: number };
        await drawn.decode();
        return drawn.naturalWidth;
      });
      expect(width).toBeGreaterThan(0);
      const container = (await lab.docker('inspect', '-f', '{{.Id}}', `${tenant}-web`)).slice(0, 12);
      expect(await cardOf(tenant).locator('li').allTextContents()).toEqual([expect.stringContaining(container)]);
    }
    await photograph('admin');
    expect(await page.locator('#summary p').textContent()).toBe('2 tenants, 4 hits; 2 of 2 databases answer');
  });

  it('asks nobody but its own origin, renews itself lightly, and gives the browser nothing to complain of', async () => {
    await hit(8000, 1);
    await page.goto(origin());
    await shows('five requests for news', async () => asked.filter((url) => url.endsWith('/tenants')).length >= 5, true);
    const foreign = asked.filter((url) => new URL(url).origin !== origin() && !url.startsWith('data:'));
    expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] });
    // A picture that is shown is not asked for again.
    expect(new Set(asked.filter((url) => url.includes('/picture'))).size).toBe(asked.filter((url) => url.includes('/picture')).length);
  });

  it('tells which database is away and since when, keeps its last count, and never holds up the other', async () => {
    await hit(8000, 1);
    await hit(9000, 1);
    await page.goto(origin());
    // What the page shows first may be older than the hits of just now.
    const before = { dog: await countInRedis('dog'), cat: await countInRedis('cat') };
    await shows('the hits of just now', () => countOf('cat'), before.cat);
    await lab.docker('pause', 'cat-db');
    onTestFinished(async () => {
      await lab.docker('unpause', 'cat-db').catch(() => undefined);
    });
    await shows('cat is away', () => cardOf('cat').locator('.state').textContent(), 'away');
    await hit(8000, 2);
    await shows('dog counts on', () => countOf('dog'), before.dog + 2);
    expect(await countOf('cat')).toBe(before.cat);
    expect(await cardOf('cat').getByRole('status').textContent()).toMatch(
      /cat-db is away since \d\d:\d\d:\d\d UTC \(\d+ s\): it does not answer\./,
    );
    expect(await cardOf('dog').locator('.state').textContent()).toBe('live');
    await photograph('admin-away');
    await page.emulateMedia({ colorScheme: 'dark' });
    await photograph('admin-away-dark');
    await lab.docker('unpause', 'cat-db');
    await shows('cat is back', () => cardOf('cat').locator('.state').textContent(), 'live');
    await lab.docker('stop', '-t', '0', 'cat-db');
    await shows('cat is away again', () => cardOf('cat').locator('.state').textContent(), 'away');
    await lab.docker('start', 'cat-db');
    await shows(
      'cat-db is back, empty',
      () =>
        page
          .locator('article.empty .database code')
          .textContent({ timeout: 500 })
          .catch(() => ''),
      'cat-db',
    );
    expect(await countOf('dog')).toBe(before.dog + 2);
  });

  it('fits a telephone without scrolling sideways, with a large count and a long name of a container too', async () => {
    await hit(9000, 1);
    const inCat = (...command: readonly string[]) => lab.docker('exec', 'cat-db', 'redis-cli', ...command);
    const container = 'a-container-with-a-name-as-long-as-people-give-them.example.org';
    await inCat('hset', 'pets:{cat}:by-container', container, '1');
    await inCat('incrby', 'pets:{cat}:total', '12340987');
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(origin());
    await photograph('admin-telephone');
    expect(await cardOf('cat').locator('li').allTextContents()).toContainEqual(expect.stringContaining(container));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    // On one line: a number that is cut in two is read as two.
    const count = cardOf('cat').locator('.count b');
    const size = await count.evaluate((element: unknown) => {
      const { getComputedStyle } = globalThis as unknown as { getComputedStyle(of: unknown): { readonly fontSize: string } };
      return Number.parseFloat(getComputedStyle(element).fontSize);
    });
    expect((await count.boundingBox())?.height).toBeLessThan(1.5 * size);
  });

  it('says that its numbers are old when its server does not answer, and goes on when it does', async () => {
    await page.goto(origin());
    await lab.docker('pause', 'admin');
    const lost = page.locator('#lost');
    await shows('that it is lost', () => lost.isVisible(), true);
    expect(await lost.textContent()).toMatch(/^This page is as of .*: its server does not answer\.$/);
    await lab.docker('unpause', 'admin');
    await shows('that it is back', () => lost.isVisible(), false);
  });

  it('comes from a container without rights, whose log says that it is ready', async () => {
    const inspect = JSON.parse(await lab.docker('inspect', 'admin')) as readonly [
      { Config: { User: string; Cmd: string[] }; HostConfig: Record<string, unknown>; NetworkSettings: { Networks: object } },
    ];
    const [{ Config, HostConfig, NetworkSettings }] = inspect;
    expect(Config).toMatchObject({ User: '65534:65534', Cmd: ['/usr/local/bin/node', '/app/admin.js'] });
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'], Privileged: false });
    expect(Object.keys(NetworkSettings.Networks).sort()).toEqual(['catnet', 'dognet']);
    const log = (await lab.docker('logs', 'admin')).split('\n');
    expect(log[0]).toBe('pets: admin listens on port 5000, databases dog-db, cat-db');
    expect(log).toContainEqual(expect.stringMatching(/^pets: admin is ready, \d of 2 databases answer/));
    for (const line of log) expect(line).toMatch(/^pets: /);
  });

  it('is verified with the rest of its scenario, stops at once, and leaves with it', async () => {
    await lab.docker('start', 'dog-db', 'cat-db');
    const verified = await lab.console('verify', SCENARIO);
    expect(verified.status, verified.stdout + verified.stderr).toBe(0);
    const startedAt = performance.now();
    await lab.docker('stop', '-t', '9', 'admin');
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(await lab.docker('inspect', '-f', '{{.State.ExitCode}}', 'admin')).toBe('0');
    const down = await lab.console('down', SCENARIO);
    expect(down.status, down.stderr).toBe(0);
    expect(await lab.everything()).toEqual({ containers: [], networks: [] });
  });

  it('shares all layers with the web image, and is made by the command that the plan shows', async () => {
    const layersOf = async (image: string) => JSON.parse(await lab.docker('inspect', '-f', '{{json .RootFS.Layers}}', image)) as string[];
    expect(await layersOf('pets-console/admin')).toEqual(await layersOf('pets-console/web'));
    await lab.docker('rmi', 'pets-console/admin');
    const { stdout } = await lab.console('plan', SCENARIO);
    expect(stdout).toContain('docker build --target admin -t pets-console/admin app-image');
    const built = ['build', '--build-arg', 'BASE=pets-console/base:lab', '--target', 'admin', '-t', 't/by-hand', 'app-image'];
    await lab.docker(...built);
    expect(await lab.docker('inspect', '-f', '{{json .Config.Cmd}}', 't/by-hand')).toContain('/app/admin.js');
  });
});
