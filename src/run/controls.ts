import type { ProbeResult } from '../agent/protocol.ts';
import { PetsError } from '../domain/errors.ts';
import { askerAt, notRunning, unasked } from './askers.ts';
import { type Finding, isLate } from './from-each.ts';
import type { Place, PlaceAddress } from './places.ts';
import { probe, probeBeside } from './probe.ts';
import type { Scene } from './scene.ts';
import { silenceAt } from './silences.ts';
import { type Aim, joinTarget, overlayAddressesOf } from './targets.ts';
import { uncertain, unlessSilent } from './verdict.ts';

/** What a control came to. */
interface Control {
  /** Who asked: the target's own place, or a service that shares a network with the target. */
  readonly by: string;
  readonly result: ProbeResult | PetsError;
}

/** What is to be out of reach, asked by those who may reach it, in the time that silence is given: only while it answers them does another one's silence tell anything. */
export interface Presence {
  readonly aim: Aim;
  /** From beside the target, where nothing lies between; of each of its tasks. */
  readonly beside: readonly Control[];
  /** At each of its addresses on an overlay, by a service that is on that network too. */
  readonly witnessed: readonly (Control & { readonly address: string })[];
}

interface PresenceQuestion {
  readonly from: string;
  readonly aim: Aim | undefined;
  readonly timeoutMs: number;
}

type Question = Aim & Pick<PresenceQuestion, 'timeoutMs'>;

/** Asks a target of a denial beside itself, and at the very addresses that are to be silent; undefined for one that is no service of the scenario. */
export async function askPresence({ from, aim, timeoutMs }: PresenceQuestion, scene: Scene): Promise<Presence | undefined> {
  if (aim === undefined) return undefined;
  const question = { ...aim, timeoutMs };
  const places = scene.placed.get(aim.service) ?? [];
  const [beside, witnessed] = await Promise.all([
    Promise.all(places.map((place) => askBeside(place, question, scene))),
    Promise.all(witnessesOf(from, aim, scene).map((witness) => askAsWitness(witness, question, scene))),
  ]);
  return { aim, beside, witnessed };
}

async function askBeside(place: Place, question: Question, scene: Scene): Promise<Control> {
  return { by: place.name, result: await attempt(probeBeside(place, question, scene)) };
}

interface Witness {
  readonly address: PlaceAddress;
  readonly service: string;
  /** Undefined where it does not run. */
  readonly place: Place | undefined;
}

/** For each address of the target on an overlay a service of the scenario that is on that network too, one that runs before one that does not. */
function witnessesOf(from: string, { service: target }: Aim, scene: Scene): readonly Witness[] {
  const { scenario, placed } = scene;
  return overlayAddressesOf(target, scene).flatMap((address): readonly Witness[] => {
    const may = Object.entries(scenario.services).filter(
      ([service, { networks }]) => service !== target && service !== from && networks.some(({ network }) => network === address.network),
    );
    const running = may.flatMap(([service]) => placed.get(service) ?? []).find(({ addresses }) => isOn(addresses, address));
    const service = running?.service ?? may[0]?.[0];
    return service === undefined ? [] : [{ address, service, place: running }];
  });
}

function isOn(addresses: readonly PlaceAddress[], { networkId }: PlaceAddress): boolean {
  return addresses.some((each) => each.networkId === networkId);
}

async function askAsWitness(
  { address, service, place }: Witness,
  { port, timeoutMs }: Question,
  scene: Scene,
): Promise<Control & { readonly address: string }> {
  const at = joinTarget(address.address, port);
  if (place === undefined) return { by: service, address: at, result: notRunning(service, scene) };
  return { by: service, address: at, result: await attempt(probe(askerAt(place, scene), at, scene, { timeoutMs })) };
}

/** A control that could not even be asked must not hide a way that is open. */
export async function attempt(asked: Promise<ProbeResult>): Promise<ProbeResult | PetsError> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof PetsError) return error;
    throw error;
  }
}

/** Why the silence of a target tells nothing, where it was not there, or not whole. */
export function doubtOfPresence(to: string, presence: Presence | undefined, scene: Scene): Finding | undefined {
  if (presence === undefined) return undefined;
  const { aim, beside, witnessed } = presence;
  const silence = silenceAt(aim.service, scene);
  if (beside.length === 0) return uncertain(silence === undefined ? notRunning(aim.service, scene) : unasked(aim.service, silence));
  for (const { by, result } of beside) {
    const found = doubtOf(result, `${to} does not answer even beside ${beside.length === 1 ? 'itself' : by}`);
    if (found !== undefined) return found;
  }
  for (const { by, address, result } of witnessed) {
    const found = doubtOf(result, `${address} does not answer ${by} either, who may reach it`);
    if (found !== undefined) return found;
  }
  return silence === undefined ? undefined : unlessSilent(silence, { outcome: 'uncertain', text: `not all of ${aim.service} is known` });
}

function doubtOf(result: ProbeResult | PetsError, fact: string): Finding | undefined {
  if (result instanceof PetsError) return { ...uncertain(result), isLate: isLate(result) };
  if (result.outcome === 'answered') return undefined;
  return { outcome: 'uncertain', text: `${fact} (${result.outcome}), so silence tells nothing`, isLate: isLate(result) };
}

/** `admin reached 10.2.0.2:6379 and 10.2.0.5:6379`; empty where nobody else had to. */
export function witnessWords(presence: Presence | undefined): string {
  const byService = Map.groupBy(presence?.witnessed ?? [], ({ by }) => by);
  return [...byService]
    .map(([by, controls]) => `${by} reached ${[...new Set(controls.map(({ address }) => address))].join(' and ')}`)
    .join(', ');
}
