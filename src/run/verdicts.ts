import type { TcpProbeResult } from '../agent/protocol.ts';
import { parseAddress } from '../domain/addresses.ts';
import type { Expectation } from '../domain/scenario.ts';
import { type Finding, isLate, judgeFromEach } from './from-each.ts';
import { execCommand, logsCommand } from './hints.ts';
import type { Asker } from './places.ts';
import { probe } from './probe.ts';
import type { Scene } from './scene.ts';
import { silenceOf } from './silences.ts';
import { aimOf, joinTarget, ownerOf, splitTarget } from './targets.ts';
import { inWords, unlessSilent, type Verdict } from './verdict.ts';

export function judgeReach({ from, to }: Expectation & { kind: 'reach' }, scene: Scene): Promise<Verdict> {
  return judgeFromEach(from, scene, ({ answerMs: timeoutMs }) => async (asker) => {
    const result = await probe(asker, to, scene, { timeoutMs });
    if (result.outcome !== 'answered') return notAnswered(asker, to, result, scene);
    return { outcome: 'passed', text: answerOf(asker, to, result, scene), tookMs: result.connectMs + result.answerMs };
  });
}

/** The database itself says whom it sees. */
export function judgeSeen({ from, at, as }: Expectation & { kind: 'seen' }, scene: Scene): Promise<Verdict> {
  return judgeFromEach(from, scene, ({ answerMs: timeoutMs }) => async (asker) => {
    const result = await probe(asker, at, scene, { timeoutMs, ask: 'redis-client-list' });
    if (result.outcome !== 'answered' || result.seenAs === undefined) return notAnswered(asker, at, result, scene);
    const seen = `${answerOf(asker, at, result, scene)}, which sees ${asker.name} as ${result.seenAs}`;
    if (isSameAddress(result.seenAs, as)) return { outcome: 'passed', text: seen };
    const service = aimOf(at, asker, scene)?.service;
    const hint = service === undefined ? {} : { hint: execCommand(service, 'redis-cli client list', scene) };
    return { outcome: 'failed', text: `${seen}, not as ${as}`, ...hint };
  });
}

function notAnswered(asker: Asker, to: string, result: TcpProbeResult, scene: Scene): Finding {
  const service = aimOf(to, asker, scene)?.service;
  const hint = service === undefined ? 'see who is there: docker ps' : logsCommand(service, scene);
  const verdict = { outcome: 'failed', text: inWords(asker.name, to, result), hint } as const;
  return { ...unlessSilent(silenceOf(to, asker, scene), verdict), isLate: isLate(result) };
}

/** `answered from 192.168.0.12:8001`: the address that the name led to, and whose it is where several may have one. */
function answerOf(asker: Asker, to: string, { address }: TcpProbeResult, scene: Scene): string {
  const { host, port } = splitTarget(to);
  const owner = ownerOf(address ?? host, aimOf(to, asker, scene)?.service, scene);
  return `answered from ${joinTarget(address ?? host, port)}${owner === undefined ? '' : `, ${owner}`}`;
}

function isSameAddress(left: string, right: string): boolean {
  const [one, other] = [parseAddress(withoutMapping(left)), parseAddress(withoutMapping(right))];
  return one !== undefined && other !== undefined && one.family === other.family && one.value === other.value;
}

/** A database that listens on IPv6 sees IPv4 in its IPv6 form. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
