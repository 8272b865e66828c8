import type { ProbeResult } from '../agent/protocol.ts';
import { PetsError } from '../domain/errors.ts';
import type { Expectation } from '../domain/scenario.ts';
import { askersOf } from './askers.ts';
import { askPresence, attempt, doubtOfPresence, type Presence, witnessWords } from './controls.ts';
import { type Finding, isLate, judgeFromEach, type Round } from './from-each.ts';
import { networksCommand } from './hints.ts';
import type { Asker } from './places.ts';
import { probe } from './probe.ts';
import type { Scene } from './scene.ts';
import { silenceOf } from './silences.ts';
import { aimOf, joinTarget, splitTarget, waysTo } from './targets.ts';
import { inWords, uncertain, unlessSilent, type Verdict } from './verdict.ts';

/** What was found while something was silent: only with both controls does the silence tell anything. */
interface Controls {
  readonly controlled: ProbeResult | PetsError;
  readonly present: Presence | undefined;
}

/**
 * A denial counts only with its controls, in the same round: the asking side reached something that it may, and a service that
 * is to be out of reach was there, as those found who may reach it. It is asked for by name and at its addresses, since a name
 * that is not known hides nothing; whoever accepts a connection is reached.
 */
export function judgeDenial(expectation: Expectation & { kind: 'deny' }, scene: Scene): Promise<Verdict> {
  const { from, to } = expectation;
  return judgeFromEach(from, scene, (round) => {
    const askControls = beginControls(expectation, scene, round);
    return async (asker) => {
      const [controls, ...tried] = await Promise.all([askControls(asker), ...tryWays(asker, to, scene, round)]);
      return judgeTried(asker, expectation, controls, tried, scene);
    };
  });
}

/** The target is asked once in a round, whoever else asks. */
function beginControls(
  { from, to, control }: Expectation & { kind: 'deny' | 'fails' },
  scene: Scene,
  { silenceMs: timeoutMs }: Round,
): (asker: Asker) => Promise<Controls> {
  const [first] = askersOf(from, scene);
  const presence = askPresence({ from, aim: first && aimOf(to, first, scene), timeoutMs }, scene);
  return async (asker) => {
    const [controlled, present] = await Promise.all([attempt(probe(asker, control, scene, { timeoutMs })), presence]);
    return { controlled, present };
  };
}

/** A way that was tried. */
interface Tried {
  readonly way: string;
  readonly result: ProbeResult;
}

/**
 * The address of an overlay is looked for by its nonce: where there is no such network its packets go wherever the host's routes lead, and a
 * stranger may live there.
 */
function tryWays(asker: Asker, to: string, scene: Scene, { silenceMs: timeoutMs }: Round): readonly Promise<Tried>[] {
  const { host, port } = splitTarget(to);
  const addresses = Object.hasOwn(scene.scenario.services, host) ? waysTo(host, asker, scene) : [];
  const attemptWay = async (way: string, ask?: 'connect'): Promise<Tried> => {
    const result = await probe(asker, way, scene, { timeoutMs, ...(ask === undefined ? {} : { ask }) });
    return { way, result };
  };
  return [
    attemptWay(to, 'connect'),
    ...addresses.map(({ address, kind }) => attemptWay(joinTarget(address, port), kind === 'overlay' ? undefined : 'connect')),
  ];
}

function judgeTried(
  asker: Asker,
  { to, control }: Expectation & { kind: 'deny' },
  controls: Controls,
  tried: readonly Tried[],
  scene: Scene,
): Finding {
  const open = tried.find(({ result }) => isOpen(result));
  if (open !== undefined) {
    const { host, port } = splitTarget(open.way);
    const address = joinTarget(open.result.address ?? host, port);
    const at = address === to ? '' : ` at ${address}`;
    return {
      outcome: 'failed',
      text: `${asker.name} reaches ${to}${at}, which the scenario denies`,
      hint: hintOfOpenWay(asker, to, scene),
    };
  }
  const stranger = tried.find(({ result }) => result.outcome === 'stranger');
  if (stranger !== undefined) return { outcome: 'uncertain', text: inWords(asker.name, stranger.way, stranger.result) };
  const outcomes = [...new Set(tried.map(({ result }) => result.outcome))].join(', ');
  const witnesses = witnessWords(controls.present);
  return (
    doubt(controls, to, control, `no answer from ${to}`, scene) ?? {
      outcome: 'passed',
      text: `${outcomes}, while ${control} answered in the same round${witnesses === '' ? '' : ` and ${witnesses}`}`,
    }
  );
}

/** Whoever took the connection is reached, also if it then says nothing. */
function isOpen({ outcome, phase }: ProbeResult): boolean {
  return outcome === 'answered' || (phase === 'answer' && outcome !== 'stranger');
}

/** A failure that is taught must fail in the way that is taught, while all that it is not about works. */
export function judgeFailing(expectation: Expectation & { kind: 'fails' }, scene: Scene): Promise<Verdict> {
  const { from, to } = expectation;
  return judgeFromEach(from, scene, (round) => {
    const askControls = beginControls(expectation, scene, round);
    return async (asker) => {
      const [controls, tried] = await Promise.all([askControls(asker), probe(asker, to, scene, { timeoutMs: round.silenceMs })]);
      return judgeFailed(asker, expectation, controls, tried, scene);
    };
  });
}

function judgeFailed(
  asker: Asker,
  { to, how, control, because }: Expectation & { kind: 'fails' },
  controls: Controls,
  tried: ProbeResult,
  scene: Scene,
): Finding {
  const met = inWords(asker.name, to, tried);
  if (tried.outcome === 'answered' || tried.outcome === 'stranger')
    return { outcome: 'failed', text: `${met}, although it is expected to fail: ${because}`, hint: hintOfOpenWay(asker, to, scene) };
  const doubtful = doubt(controls, to, control, met, scene);
  if (doubtful !== undefined) return doubtful;
  if (how.length > 0 && !how.some((each) => each === tried.outcome)) {
    const text = `${met} (${tried.outcome}), but it is expected to fail otherwise: ${how.join(' or ')}`;
    return unlessSilent(silenceOf(to, asker, scene), { outcome: 'failed', text, hint: hintOfOpenWay(asker, to, scene) });
  }
  return { outcome: 'passed', text: `${met}: ${because}; ${control} answered in the same round` };
}

/** Why a silence tells nothing, where a control did not hold. */
function doubt({ controlled, present }: Controls, to: string, control: string, silence: string, scene: Scene): Finding | undefined {
  const absent = doubtOfPresence(to, present, scene);
  if (absent !== undefined) return absent;
  if (controlled instanceof PetsError) return { ...uncertain(controlled), isLate: isLate(controlled) };
  if (controlled.outcome === 'answered') return undefined;
  const text = `${silence}, but none from the control ${control} either (${controlled.outcome})`;
  return { outcome: 'uncertain', text, isLate: isLate(controlled) };
}

function hintOfOpenWay(asker: Asker, to: string, scene: Scene): string {
  const service = aimOf(to, asker, scene)?.service;
  return service === undefined
    ? 'see who publishes it: docker ps'
    : `see its networks: ${networksCommand(service, asker.place?.service, scene)}`;
}
