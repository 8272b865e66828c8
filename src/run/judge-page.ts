import { setTimeout as sleep } from 'node:timers/promises';
import { own } from '../domain/own.ts';
import type { Expectation } from '../domain/scenario.ts';
import { askForPage, type PageAnswer } from './ask-for-page.ts';
import { askersOf } from './askers.ts';
import { logsCommand } from './hints.ts';
import type { Scene } from './scene.ts';
import { silenceAt, silenceOf } from './silences.ts';
import { unlessSilent, type Verdict } from './verdict.ts';

export async function judgePage({ url, status, tenant }: Expectation & { kind: 'http' }, scene: Scene): Promise<Verdict> {
  const { web, db } = (tenant === undefined ? undefined : own(scene.scenario.tenants, tenant)) ?? {};
  const { hostname, port } = new URL(url);
  const page = await askUntilNoticed(url, scene.signal).catch((error: unknown) => {
    const [here] = askersOf('console', scene);
    const silent = (here && silenceOf(`${hostname}:${port || 80}`, here, scene)) ?? silenceAt(web, scene);
    if (silent === undefined || !(error instanceof Error)) throw error;
    return unlessSilent(silent, { outcome: 'failed', text: error.message });
  });
  if ('text' in page) return page;
  if (page.status !== status) return { outcome: 'failed', text: `it answered ${page.status}`, hint: `curl -i ${url}` };
  const server = servedByOf(page.servedBy, scene);
  if (tenant === undefined)
    return { outcome: 'passed', text: `answered ${page.status}${server === undefined ? '' : `, served by ${server}`}` };
  if (page.tenant !== tenant)
    return { outcome: 'failed', text: `it serves tenant ${page.tenant ?? 'unknown'}, not ${tenant}`, hint: `curl -i ${url}` };
  const hint = db === undefined ? {} : { hint: logsCommand(db, scene) };
  const silent = silenceAt(db, scene);
  if (page.counted === 'uncertain') {
    const text = 'its database did not answer in time: the hit may have been counted or not';
    return unlessSilent(silent, { outcome: 'uncertain', text, ...hint });
  }
  if (page.counted !== 'true')
    return unlessSilent(silent, { outcome: 'failed', text: 'its hit was not counted: the database is away', ...hint });
  return { outcome: 'passed', text: `served by ${server ?? 'an unnamed server'}, hit ${page.hits} of ${tenant}` };
}

/** A front end notices within this time that its database is back: its next try to connect may still be under way (600 ms at most). */
const NOTICED_MS = 1_500;
const ASK_AGAIN_MS = 100;

/** The page, asked for again as long as its database may just have come back, or was late: a page that was not counted counts nothing. */
async function askUntilNoticed(url: string, signal: AbortSignal): Promise<PageAnswer> {
  const start = performance.now();
  for (;;) {
    const page = await askForPage(url, signal);
    const isAway = page.counted === 'false' || page.counted === 'uncertain';
    if (!isAway || performance.now() - start > NOTICED_MS) return page;
    // Interrupted, the next question says so.
    await sleep(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** A server names itself by its host name, the short ID of its container: people know it by its service's name, or its task's. */
function servedByOf(servedBy: string | undefined, { placed }: Scene): string | undefined {
  if (servedBy === undefined || servedBy === '') return undefined;
  const known = [...placed.values()].flat().find(({ container }) => container.id.startsWith(servedBy));
  return known?.name ?? servedBy;
}
