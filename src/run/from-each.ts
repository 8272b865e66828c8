import type { ProbeResult } from '../agent/protocol.ts';
import { PetsError } from '../domain/errors.ts';
import { askersOf } from './askers.ts';
import type { Asker } from './places.ts';
import type { Scene } from './scene.ts';
import { silenceAt } from './silences.ts';
import { uncertain, unlessSilent, type Verdict } from './verdict.ts';

/** A verdict as one asker has it. */
export interface Finding extends Verdict {
  /** What the answer took, in milliseconds, where that is to be told. */
  readonly tookMs?: number;
  /** It hangs on an answer that did not come in time: on a busy machine it may be a matter of patience. */
  readonly isLate?: boolean;
}

/** One round of a question: everything that its verdicts hold against each other is asked in it. */
export interface Round {
  /** How long an answer is waited for. */
  readonly answerMs: number;
  /** How long without an answer is silence; a control that takes longer proves nothing. */
  readonly silenceMs: number;
}

/** A blocked address is a silent drop: so long without an answer is one. Where something is missing, all is asked once more, with more patience. */
const ROUNDS: readonly Round[] = [
  { answerMs: 2_000, silenceMs: 1_000 },
  { answerMs: 3_000, silenceMs: 3_000 },
];

const SEVERITY = { passed: 0, uncertain: 1, failed: 2 } as const;

/**
 * Puts a question from wherever `from` runs: it holds only if it holds from each of a service's tasks, those included that could not be asked.
 * @throws where nothing can be asked from there at all
 */
export async function judgeFromEach(
  from: string,
  scene: Scene,
  begin: (round: Round) => (asker: Asker) => Promise<Finding>,
): Promise<Verdict> {
  const askers = askersOf(from, scene);
  let findings: readonly Finding[] = [];
  for (const round of ROUNDS) {
    const judge = begin(round);
    findings = await Promise.all(askers.map((asker) => judge(asker).catch(unlessBug)));
    if (scene.signal.aborted || !findings.some(({ isLate }) => isLate)) break;
  }
  const verdict = joinFindings(askers, findings);
  return verdict.outcome === 'passed' ? unlessSilent(silenceAt(from, scene), verdict) : verdict;
}

/** What one asker could not ask must not hide what another found. */
function unlessBug(error: unknown): Finding {
  if (error instanceof PetsError) return { ...uncertain(error), isLate: isLate(error) };
  throw error;
}

/** One verdict of all: the worst, with the name of who found it, or what all of them found. */
export function joinFindings(askers: readonly Asker[], findings: readonly Finding[]): Verdict {
  const { passed = [], ...others } = Object.groupBy(findings, ({ outcome }) => outcome);
  const worst = findings.reduce((one, other) => (SEVERITY[other.outcome] > SEVERITY[one.outcome] ? other : one));
  if (worst.outcome === 'passed') return { outcome: 'passed', text: joinPassed(passed) };
  const { tookMs: _took, isLate: _late, ...verdict } = worst;
  if (findings.length === 1) return verdict;
  const name = askers[findings.indexOf(worst)]?.name ?? '';
  const named = verdict.text.includes(name) ? verdict.text : `${name}: ${verdict.text}`;
  return { ...verdict, text: `${named} (from ${others[worst.outcome]?.length} of ${findings.length} tasks)` };
}

function joinPassed(findings: readonly Finding[]): string {
  const slowestMs = Math.max(...findings.map(({ tookMs }) => tookMs ?? Number.NaN));
  const text = [...new Set(findings.map((finding) => finding.text))].join('; ');
  const timed = Number.isNaN(slowestMs) ? text : `${text}${text.includes(', ') ? ',' : ''} in ${slowestMs.toFixed(1)} ms`;
  return findings.length === 1 ? timed : `from ${findings.length} tasks: ${timed}`;
}

/** Whether an answer, or what kept it from being asked for, may come with more patience. */
export function isLate(result: ProbeResult | PetsError): boolean {
  return result instanceof PetsError ? result.code === 'AGENT_FAILED' : result.outcome === 'timed-out';
}
