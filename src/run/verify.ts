import { connect } from 'node:net';
import type { Agent as ProbeAgent } from '../agent/open-agent.ts';
import type { TcpProbeResult } from '../agent/protocol.ts';
import { roundMs } from '../domain/duration.ts';
import { PetsError } from '../domain/errors.ts';
import type { CheckTally } from '../domain/events.ts';
import { ownershipOf } from '../domain/labels.ts';
import type { LiveContainer } from '../domain/live.ts';
import type { Expectation, Scenario } from '../domain/scenario.ts';
import { listContainers } from '../engine/containers.ts';
import type { Engine } from '../engine/engine.ts';
import { askForPage } from './ask-for-page.ts';
import type { VerbRequest } from './verb-request.ts';

type VerifyRequest = Pick<VerbRequest, 'scenario' | 'project' | 'engines' | 'agents' | 'emit' | 'signal'>;

/** What one expectation came to: as expected, not, or not to be told. */
interface Verdict {
  readonly outcome: 'passed' | 'failed' | 'uncertain';
  readonly text: string;
  readonly hint?: string;
}

/** A blocked address is a silent drop: this long without an answer is one. */
const PROBE_DEADLINE_MS = 2_000;
const CONSOLE_DEADLINE_MS = 1_000;

/** Puts every expectation of the scenario to the test at once, tells each verdict, and counts them. */
export async function verifyScenario(request: VerifyRequest): Promise<CheckTally> {
  const { scenario, emit } = request;
  if (scenario === undefined) {
    throw new PetsError('NOT_FOUND', {
      message: `project ${request.project} is known from its labels only; what it expects stands in its scenario file`,
      hint: 'pets-console verify ./SCENARIO.yaml',
    });
  }
  const scene = await readScene(scenario, request);
  const tally = { passed: 0, failed: 0, uncertain: 0 };
  await Promise.all(
    scenario.expect.map(async (expectation) => {
      const start = performance.now();
      const { outcome, ...verdict } = await judge(expectation, scene);
      tally[outcome] += 1;
      emit({ type: `check.${outcome}`, check: nameOf(expectation), durationMs: roundMs(performance.now() - start), ...verdict });
    }),
  );
  return tally;
}

/** Everything a verdict needs: where each service runs, and how to ask from inside it. */
interface Scene {
  readonly scenario: Scenario;
  /** Running containers of the project by service name. */
  readonly placed: ReadonlyMap<string, { readonly engine: Engine; readonly container: LiveContainer }>;
  readonly request: VerifyRequest;
}

async function readScene(scenario: Scenario, request: VerifyRequest): Promise<Scene> {
  const { engines, project, signal } = request;
  const placed = new Map<string, { engine: Engine; container: LiveContainer }>();
  await Promise.all(
    Array.from(engines.values(), async (engine) => {
      for (const container of await listContainers(engine, signal)) {
        const ownership = ownershipOf(container.labels);
        const service = /^container\/(.+)$/.exec(ownership?.resource ?? '')?.[1];
        if (ownership?.project === project && service !== undefined && container.state === 'running')
          placed.set(service, { engine, container });
      }
    }),
  );
  return { scenario, placed, request };
}

function nameOf(expectation: Expectation): string {
  switch (expectation.kind) {
    case 'reach':
      return `${expectation.from} reaches ${expectation.to}`;
    case 'deny':
      return `${expectation.from} does not reach ${expectation.to}`;
    case 'http':
      return `${expectation.url} answers ${expectation.status}`;
    default:
      return expectation satisfies never;
  }
}

async function judge(expectation: Expectation, scene: Scene): Promise<Verdict> {
  try {
    switch (expectation.kind) {
      case 'reach':
        return await judgeReach(expectation, scene);
      case 'deny':
        return await judgeDenial(expectation, scene);
      case 'http':
        return await judgePage(expectation, scene);
      default:
        return expectation satisfies never;
    }
  } catch (error) {
    if (!(error instanceof PetsError)) throw error;
    return { outcome: 'uncertain', text: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}

async function judgeReach(expectation: Expectation & { kind: 'reach' }, scene: Scene): Promise<Verdict> {
  const { to } = expectation;
  const result = await probe(expectation.from, to, scene);
  if (result.outcome === 'answered')
    return { outcome: 'passed', text: `answered from ${result.address} in ${(result.connectMs + result.answerMs).toFixed(1)} ms` };
  return { outcome: 'failed', text: inWords(expectation.from, to, result), hint: `docker logs ${to.split(':')[0]}` };
}

/** A denial counts only if, in the same round, the asking side reached something that it may. */
async function judgeDenial(expectation: Expectation & { kind: 'deny' }, scene: Scene): Promise<Verdict> {
  const { to, control } = expectation;
  const [denied, controlled] = await Promise.all([probe(expectation.from, to, scene), probe(expectation.from, control, scene)]);
  if (denied.outcome === 'answered' || denied.outcome === 'stranger') {
    return {
      outcome: 'failed',
      text: `${expectation.from} reaches ${to}, which the scenario denies`,
      hint: 'see who publishes it: docker ps',
    };
  }
  if (controlled.outcome !== 'answered') {
    return { outcome: 'uncertain', text: `no answer from ${to}, but none from the control ${control} either (${controlled.outcome})` };
  }
  return { outcome: 'passed', text: `${denied.outcome}, while ${control} answered in the same round` };
}

async function judgePage(expectation: Expectation & { kind: 'http' }, scene: Scene): Promise<Verdict> {
  const { url, status, tenant } = expectation;
  const page = await askForPage(url, scene.request.signal);
  if (page.status !== status) return { outcome: 'failed', text: `it answered ${page.status}`, hint: `curl -i ${url}` };
  if (tenant === undefined) return { outcome: 'passed', text: `answered ${page.status}` };
  if (page.tenant !== tenant)
    return { outcome: 'failed', text: `it serves tenant ${page.tenant ?? 'unknown'}, not ${tenant}`, hint: `curl -i ${url}` };
  if (!page.counted)
    return {
      outcome: 'failed',
      text: 'its hit was not counted: the database is away',
      hint: `docker logs ${scene.scenario.tenants[tenant]?.db ?? ''}`,
    };
  return { outcome: 'passed', text: `served by ${page.servedBy}, hit ${page.hits} of ${tenant}` };
}

async function probe(from: string, to: string, scene: Scene): Promise<TcpProbeResult> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(to) ?? [];
  if (from === 'console') return probeFromHere(host.replace(/^\[(.*)\]$/, '$1'), Number(port));
  const agent = await agentBeside(from, scene);
  return agent.probeTcp({ host, port: Number(port), timeoutMs: PROBE_DEADLINE_MS, ask: askFor(host, scene) }, scene.request.signal);
}

async function agentBeside(service: string, scene: Scene): Promise<ProbeAgent> {
  const place = scene.placed.get(service);
  const ownership = ownershipOf(place?.container.labels);
  if (place === undefined || ownership === undefined) {
    throw new PetsError('OBJECT_MISSING', {
      message: `${service} is not running, so nothing can be asked from it`,
      hint: `pets-console up ${scene.scenario.name}`,
    });
  }
  return scene.request.agents.beside(place.engine, place.container, ownership);
}

/** How the one who answers proves that it is who it should be: a database echoes the nonce, a Pets server repeats it. */
function askFor(host: string, { scenario }: Scene): 'connect' | 'redis-echo' | 'http' {
  const image = scenario.services[host]?.image ?? '';
  if (/^(.*\/)?redis(:|$)/.test(image)) return 'redis-echo';
  return image.startsWith('pets-console/') ? 'http' : 'connect';
}

/** The same question asked from the machine that runs the console. */
function probeFromHere(host: string, port: number): Promise<TcpProbeResult> {
  const start = performance.now();
  const base = { phase: 'connect' as const, address: host, resolveMs: 0, answerMs: 0 };
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (outcome: TcpProbeResult['outcome'], detail: string) => {
      socket.destroy();
      resolve({ ...base, outcome, connectMs: performance.now() - start, detail });
    };
    socket.setTimeout(CONSOLE_DEADLINE_MS, () => end('timed-out', ''));
    socket.once('connect', () => end('answered', ''));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ECONNREFUSED' ? 'refused' : 'unreachable', error.code ?? ''),
    );
  });
}

function inWords(from: string, to: string, { outcome, detail }: TcpProbeResult): string {
  switch (outcome) {
    case 'answered':
      return `${from} reaches ${to}`;
    case 'refused':
      return `${from} finds ${to}, but nothing listens there`;
    case 'timed-out':
      return `${from} gets no answer from ${to}`;
    case 'no-such-name':
      return `${from} cannot find the name ${to.replace(/:\d+$/, '')}`;
    case 'stranger':
      return `${to} answers ${from}, but is not who it should be: ${detail}`;
    case 'unreachable':
      return `${from} has no way to ${to}: ${detail}`;
    case 'reset':
      return `${to} ends the connection of ${from}`;
    default:
      return outcome satisfies never;
  }
}
