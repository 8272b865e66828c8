import type { ProbeResult } from '../agent/protocol.ts';
import { parseAddress } from '../domain/addresses.ts';
import type { Expectation } from '../domain/scenario.ts';
import { type Finding, isLate, judgeFromEach } from './from-each.ts';
import { execCommand, logsCommand } from './hints.ts';
import type { Asker } from './places.ts';
import { probe } from './probe.ts';
import type { Scene } from './scene.ts';
import { silenceOf } from './silences.ts';
import { aimOf, joinTarget, splitTarget } from './targets.ts';
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

function notAnswered(asker: Asker, to: string, result: ProbeResult, scene: Scene): Finding {
  const text = inWords(asker.name, to, result, ownerOf(asker, to, result, scene));
  const verdict = { outcome: 'failed', text, hint: hintOf(asker, to, result, scene) } as const;
  return { ...unlessSilent(silenceOf(to, asker, scene), verdict), isLate: isLate(result) };
}

function hintOf(asker: Asker, to: string, { address }: ProbeResult, scene: Scene): string {
  const service = aimOf(to, asker, scene)?.service;
  if (service === undefined) return 'see who is there: docker ps';
  if (address === undefined || !isVirtualIp(address, service, scene)) return logsCommand(service, scene);
  return `no virtual IP answers without ip_vs in the kernel of every host: pets-console doctor ${scene.scenario.name}`;
}

/** `answered from 192.168.0.12:8001`: the address that the name led to, and whose it is where several may have one. */
function answerOf(asker: Asker, to: string, result: ProbeResult, scene: Scene): string {
  const { host, port } = splitTarget(to);
  const owner = ownerOf(asker, to, result, scene);
  return `answered from ${joinTarget(result.address ?? host, port)}${owner === undefined ? '' : `, ${owner}`}`;
}

/** Whose the address is that was tried, where a swarm chose it: `the virtual IP of dog-db`, `task dog-db.1 on host-A`. */
function ownerOf(asker: Asker, to: string, { address = splitTarget(to).host }: ProbeResult, scene: Scene): string | undefined {
  const service = aimOf(to, asker, scene)?.service;
  if (service === undefined) return undefined;
  if (isVirtualIp(address, service, scene)) return `the virtual IP of ${service}`;
  const task = scene.placed.get(service)?.find(({ isTask, addresses }) => isTask && addresses.some((each) => each.address === address));
  return task === undefined ? undefined : `task ${task.name}`;
}

function isVirtualIp(address: string, service: string, { virtualIps }: Scene): boolean {
  return virtualIps.get(service)?.some((each) => each.address === address) === true;
}

function isSameAddress(left: string, right: string): boolean {
  const [one, other] = [parseAddress(withoutMapping(left)), parseAddress(withoutMapping(right))];
  return one !== undefined && other !== undefined && one.family === other.family && one.value === other.value;
}

/** A database that listens on IPv6 sees IPv4 in its IPv6 form. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
