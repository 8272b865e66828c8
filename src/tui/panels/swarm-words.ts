import type { SwarmNode } from '../../domain/live-swarm.ts';
import type { SwarmRow, SwarmServiceRow, SwarmTaskRow } from '../../domain/select-swarm.ts';
import { age } from '../format.ts';
import { type Line, type Span, span, type Tone } from '../line.ts';
import { hostMark } from './host-state.ts';

/** `●` it is as wished, `◐` on its way, `✕` something keeps it. */
export function serviceMark({ converged, problem }: SwarmServiceRow, tasks: readonly SwarmTaskRow[]): Span {
  if (problem !== '' || tasks.some((task) => task.problem !== '')) return span('✕', 'failing');
  return converged ? span('●', 'ok') : span('◐', 'busy');
}

export function taskMark({ state, problem }: SwarmTaskRow): Span {
  if (problem !== '') return span('✕', 'failing');
  return state === 'running' || state === 'complete' ? span('●', 'ok') : span('◐', 'busy');
}

export function nodeMark({ state }: SwarmNode): Span {
  if (state === 'ready') return span('●', 'ok');
  return state === 'down' ? span('✕', 'failing') : span('?', 'warning');
}

/** `● converged`, `◐ converging`, and how old that is where no manager tells now. */
export function swarmState(swarm: SwarmRow): Line {
  if (swarm.freshness !== 'live') return [span(`${hostMark(swarm).text} ${age(swarm.ageMs)} old`, 'warning')];
  if (swarm.services.length === 0) return [span('no services', 'dim')];
  if (swarm.tasks.some(({ problem }) => problem !== '') || swarm.services.some(({ problem }) => problem !== ''))
    return [span('✕', 'failing'), span(' not as wished')];
  return swarm.converged ? [span('●', 'ok'), span(' converged', 'dim')] : [span('◐', 'busy'), span(' converging')];
}

/** `8000->5000/tcp mesh`: on every node, through the routing mesh; in `host mode` it is on the nodes that run a task. */
export function portWords({ ports }: SwarmServiceRow): string {
  return ports
    .map(
      ({ publishedPort, targetPort, protocol, mode }) =>
        `${publishedPort}->${targetPort}/${protocol} ${mode === 'host' ? 'host mode' : 'mesh'}`,
    )
    .join(', ');
}

/** Nothing that a silent manager said is as sure as it looks. */
export function toneOf(swarm: SwarmRow, tone: Tone = 'plain'): Tone {
  return swarm.freshness === 'live' ? tone : 'dim';
}
