import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpProbeResult } from '../agent/protocol.ts';
import { parseAddress } from '../domain/addresses.ts';
import type { Failure } from '../domain/errors.ts';
import { own } from '../domain/own.ts';
import type { Expectation } from '../domain/scenario.ts';
import { askForPage, type PageAnswer } from './ask-for-page.ts';
import { probe } from './probe.ts';
import { commandAt, type Scene, serviceOf } from './scene.ts';
import { aimOf, joinTarget, silenceAt, silenceOf, splitTarget } from './targets.ts';

/** What one expectation came to: as expected, not, or not to be told. */
export interface Verdict {
  readonly outcome: 'passed' | 'failed' | 'uncertain';
  readonly text: string;
  readonly hint?: string;
}

export async function judgeReach({ from, to }: Expectation & { kind: 'reach' }, scene: Scene): Promise<Verdict> {
  const result = await probe(from, to, scene);
  if (result.outcome === 'answered') return { outcome: 'passed', text: `${answerOf(to, result)} in ${durationOf(result)}` };
  return unlessSilent(silenceOf(to, from, scene), { outcome: 'failed', text: inWords(from, to, result), hint: hintAt(to, from, scene) });
}

/** The database itself says whom it sees. */
export async function judgeSeen({ from, at, as }: Expectation & { kind: 'seen' }, scene: Scene): Promise<Verdict> {
  const result = await probe(from, at, scene, { ask: 'redis-client-list' });
  if (result.outcome !== 'answered' || result.seenAs === undefined) {
    return unlessSilent(silenceOf(at, from, scene), { outcome: 'failed', text: inWords(from, at, result), hint: hintAt(at, from, scene) });
  }
  if (isSameAddress(result.seenAs, as))
    return { outcome: 'passed', text: `${answerOf(at, result)}, which sees ${from} as ${result.seenAs}` };
  const service = aimOf(at, from, scene)?.service;
  const hint = service === undefined ? undefined : commandAt(service, `docker exec ${service} redis-cli client list`, scene);
  const text = `${answerOf(at, result)}, which sees ${from} as ${result.seenAs}, not as ${as}`;
  return { outcome: 'failed', text, ...(hint === undefined ? {} : { hint }) };
}

export async function judgePage({ url, status, tenant }: Expectation & { kind: 'http' }, scene: Scene): Promise<Verdict> {
  const { web, db } = (tenant === undefined ? undefined : own(scene.scenario.tenants, tenant)) ?? {};
  const { hostname, port } = new URL(url);
  const page = await askUntilNoticed(url, scene.signal).catch((error: unknown) => {
    const silent = silenceOf(`${hostname}:${port || 80}`, 'console', scene) ?? silenceAt(web, scene);
    if (silent === undefined || !(error instanceof Error)) throw error;
    return unlessSilent(silent, { outcome: 'failed', text: error.message });
  });
  if ('text' in page) return page;
  if (page.status !== status) return { outcome: 'failed', text: `it answered ${page.status}`, hint: `curl -i ${url}` };
  if (tenant === undefined) return { outcome: 'passed', text: `answered ${page.status}` };
  if (page.tenant !== tenant)
    return { outcome: 'failed', text: `it serves tenant ${page.tenant ?? 'unknown'}, not ${tenant}`, hint: `curl -i ${url}` };
  const hint = db === undefined ? {} : { hint: commandAt(db, `docker logs ${db}`, scene) };
  const silent = silenceAt(db, scene);
  if (page.counted === 'uncertain') {
    const text = 'its database did not answer in time: the hit may have been counted or not';
    return unlessSilent(silent, { outcome: 'uncertain', text, ...hint });
  }
  if (page.counted !== 'true')
    return unlessSilent(silent, { outcome: 'failed', text: 'its hit was not counted: the database is away', ...hint });
  return { outcome: 'passed', text: `served by ${serviceOf(page.servedBy, scene)}, hit ${page.hits} of ${tenant}` };
}

/** A front end notices within this time that its database is back: its next try to connect may still be under way (600 ms at most). */
const NOTICED_MS = 1_500;
const ASK_AGAIN_MS = 100;

/** The page, asked for again as long as its database may just have come back; a page that was not counted counts nothing. */
async function askUntilNoticed(url: string, signal: AbortSignal): Promise<PageAnswer> {
  const start = performance.now();
  for (;;) {
    const page = await askForPage(url, signal);
    if (page.counted !== 'false' || performance.now() - start > NOTICED_MS) return page;
    // Interrupted, the next question says so.
    await sleep(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Where the engine on the other side does not answer, nobody can tell what its silence means. */
export function unlessSilent(silence: Failure | undefined, verdict: Verdict): Verdict {
  if (silence === undefined) return verdict;
  const hint = silence.hint === undefined ? {} : { hint: silence.hint };
  return { outcome: 'uncertain', text: `${verdict.text}; ${silence.message}`, ...hint };
}

/** `answered from 192.168.0.12:8001`: the address that the name led to. */
export function answerOf(to: string, { address }: TcpProbeResult): string {
  const { host, port } = splitTarget(to);
  return `answered from ${joinTarget(address ?? host, port)}`;
}

export function durationOf({ connectMs, answerMs }: TcpProbeResult): string {
  return `${(connectMs + answerMs).toFixed(1)} ms`;
}

/** What a probe that was not answered met with. */
export function inWords(from: string, to: string, { outcome, detail, address }: TcpProbeResult): string {
  const at = address === undefined || to.includes(address) ? '' : ` (${address})`;
  switch (outcome) {
    case 'answered':
      return `${from} reaches ${to}${at}`;
    case 'refused':
      return `${from} finds ${to}${at}, but nothing listens there`;
    case 'timed-out':
      return `${from} gets no answer from ${to}${at}`;
    case 'no-such-name':
      return `${from} cannot find the name ${splitTarget(to).host}`;
    case 'stranger':
      return `${to}${at} answers ${from}, but is not who it should be: ${detail}`;
    case 'unreachable':
      return `${from} has no way to ${to}${at}: ${detail}`;
    case 'reset':
      return `${to}${at} ends the connection of ${from}`;
    default:
      return outcome satisfies never;
  }
}

function hintAt(to: string, from: string, scene: Scene): string {
  const service = aimOf(to, from, scene)?.service;
  return service === undefined ? 'see who is there: docker ps' : commandAt(service, `docker logs ${service}`, scene);
}

function isSameAddress(left: string, right: string): boolean {
  const [one, other] = [parseAddress(withoutMapping(left)), parseAddress(withoutMapping(right))];
  return one !== undefined && other !== undefined && one.family === other.family && one.value === other.value;
}

/** A database that listens on IPv6 sees IPv4 in its IPv6 form. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
