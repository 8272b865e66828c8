import { describe, expect, it } from 'vitest';
import type { BoundHost } from '../../src/domain/scenario.ts';
import { bindsOfLabel, hostsLabel } from '../../src/scenario/hosts-of-plan.ts';

function host(name: string, endpoint = `tcp://${name}:2375`): BoundHost {
  return { name, endpoint, address: `${name}.lab` };
}

const ROLES = ['host-A', 'host-B'];

describe('the roles of a project by the label of what it made', () => {
  it('are on the hosts of the label, in the order of the roles', () => {
    const label = hostsLabel([host('berlin'), host('oslo')]);
    expect(bindsOfLabel(label, ROLES, [host('oslo'), host('berlin')])).toEqual({ 'host-A': 'berlin', 'host-B': 'oslo' });
  });

  it('need no word where a host has the name of its role', () => {
    expect(
      bindsOfLabel(
        hostsLabel(ROLES.map((name) => host(name))),
        ROLES,
        ROLES.map((name) => host(name)),
      ),
    ).toEqual({});
  });

  it('follow an engine that has another name here, before one that took its name', () => {
    const label = hostsLabel([host('host-A', 'unix:///a'), host('host-B', 'unix:///b')]);
    const here = [host('host-A', 'unix:///b'), host('other', 'unix:///a')];
    expect(bindsOfLabel(label, ROLES, here)).toEqual({ 'host-A': 'other', 'host-B': 'host-A' });
  });

  it.each(['', 'nonsense', 'host-A=1'])('are not known from a label that says %j', (label) => {
    expect(bindsOfLabel(label, ROLES, [host('host-A'), host('host-B')])).toEqual({});
  });

  it('leave out a host that is not known here', () => {
    expect(bindsOfLabel(hostsLabel([host('berlin'), host('oslo')]), ROLES, [host('oslo')])).toEqual({ 'host-B': 'oslo' });
  });
});
