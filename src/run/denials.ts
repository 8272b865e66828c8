import type { TcpProbeResult } from '../agent/protocol.ts';
import { PetsError } from '../domain/errors.ts';
import type { Expectation } from '../domain/scenario.ts';
import { probe, probeBeside, SILENCE_DEADLINE_MS } from './probe.ts';
import { commandAt, type Scene } from './scene.ts';
import { addressesFrom, aimOf, joinTarget, silenceOf, splitTarget } from './targets.ts';
import { inWords, unlessSilent, type Verdict } from './verdicts.ts';

/** What was found while something was silent: only with both controls does the silence tell anything. */
interface Controls {
  readonly controlled: TcpProbeResult | PetsError;
  /** The target, asked from beside itself; undefined where it is no service of the scenario. */
  readonly present: TcpProbeResult | PetsError | undefined;
}

/**
 * A denial counts only with its controls, in the same round: the asking side reached something that it may, and a service that
 * is to be out of reach was there, as an agent beside it found. It is asked for by name and at its addresses, since a name
 * that is not known hides nothing; whoever accepts a connection is reached.
 */
export async function judgeDenial({ from, to, control }: Expectation & { kind: 'deny' }, scene: Scene): Promise<Verdict> {
  const { host, port } = splitTarget(to);
  const addresses = Object.hasOwn(scene.scenario.services, host) ? addressesFrom(from, host, scene) : [];
  const ways = [to, ...addresses.map((address) => joinTarget(address, port))];
  const [controls, ...denied] = await Promise.all([
    askControls(from, to, control, scene),
    ...ways.map((way) => probe(from, way, scene, { ask: 'connect', timeoutMs: SILENCE_DEADLINE_MS })),
  ]);
  const open = ways.find((_, index) => denied[index]?.outcome === 'answered');
  if (open !== undefined) {
    const at = open === to ? '' : ` at ${open}`;
    return { outcome: 'failed', text: `${from} reaches ${to}${at}, which the scenario denies`, hint: hintOfOpenWay(to, from, scene) };
  }
  const outcomes = [...new Set(denied.map((result) => result.outcome))].join(', ');
  return (
    doubt(controls, to, control, `no answer from ${to}`) ?? {
      outcome: 'passed',
      text: `${outcomes}, while ${control} answered in the same round`,
    }
  );
}

/** A failure that is taught must fail in the way that is taught, while all that it is not about works. */
export async function judgeFailing(expectation: Expectation & { kind: 'fails' }, scene: Scene): Promise<Verdict> {
  const { from, to, how, control, because } = expectation;
  const [controls, tried] = await Promise.all([
    askControls(from, to, control, scene),
    probe(from, to, scene, { timeoutMs: SILENCE_DEADLINE_MS }),
  ]);
  const met = inWords(from, to, tried);
  if (tried.outcome === 'answered' || tried.outcome === 'stranger')
    return { outcome: 'failed', text: `${met}, although it is expected to fail: ${because}`, hint: hintOfOpenWay(to, from, scene) };
  const doubtful = doubt(controls, to, control, met);
  if (doubtful !== undefined) return doubtful;
  if (how.length > 0 && !how.some((each) => each === tried.outcome)) {
    const text = `${met} (${tried.outcome}), but it is expected to fail otherwise: ${how.join(' or ')}`;
    return unlessSilent(silenceOf(to, from, scene), { outcome: 'failed', text, hint: hintOfOpenWay(to, from, scene) });
  }
  return { outcome: 'passed', text: `${met}: ${because}; ${control} answered in the same round` };
}

async function askControls(from: string, to: string, control: string, scene: Scene): Promise<Controls> {
  const aim = aimOf(to, from, scene);
  const [controlled, present] = await Promise.all([
    attempt(probe(from, control, scene)),
    aim === undefined ? undefined : attempt(probeBeside(aim, scene)),
  ]);
  return { controlled, present };
}

/** A control that could not even be asked must not hide a way that is open. */
async function attempt(asked: Promise<TcpProbeResult>): Promise<TcpProbeResult | PetsError> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof PetsError) return error;
    throw error;
  }
}

/** Why a silence tells nothing, where a control did not hold. */
function doubt({ controlled, present }: Controls, to: string, control: string, silence: string): Verdict | undefined {
  if (present instanceof PetsError) return uncertain(present);
  if (present !== undefined && present.outcome !== 'answered')
    return { outcome: 'uncertain', text: `${to} does not answer even beside itself (${present.outcome}), so silence tells nothing` };
  if (controlled instanceof PetsError) return uncertain(controlled);
  if (controlled.outcome !== 'answered')
    return { outcome: 'uncertain', text: `${silence}, but none from the control ${control} either (${controlled.outcome})` };
  return undefined;
}

export function uncertain({ message, hint }: PetsError): Verdict {
  return { outcome: 'uncertain', text: message, ...(hint === undefined ? {} : { hint }) };
}

function hintOfOpenWay(to: string, from: string, scene: Scene): string {
  const service = aimOf(to, from, scene)?.service;
  if (service === undefined) return 'see who publishes it: docker ps';
  return `see its networks: ${commandAt(service, `docker inspect ${service}`, scene)}`;
}
