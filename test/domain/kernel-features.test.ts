import { describe, expect, it } from 'vitest';
import { featureVerdict, modulesOf } from '../../src/domain/kernel-features.ts';

const present = { esp4: 'present', xfrm_user: 'present', xt_policy: 'present', xt_mark: 'present' } as const;

describe('what a kernel can do', () => {
  it('is as good as the worst of what it takes, and that is named', () => {
    expect(featureVerdict('virtual-ip', { ip_vs: 'present', ip_vs_rr: 'present', xt_ipvs: 'present' })).toEqual({
      state: 'present',
      because: [],
    });
    expect(featureVerdict('virtual-ip', { ip_vs: 'present', ip_vs_rr: 'loadable', xt_ipvs: 'loadable' })).toEqual({
      state: 'loadable',
      because: ['ip_vs_rr', 'xt_ipvs'],
    });
    expect(featureVerdict('virtual-ip', { ip_vs: 'absent', ip_vs_rr: 'unknown', xt_ipvs: 'loadable' })).toEqual({
      state: 'absent',
      because: ['ip_vs'],
    });
  });

  it('takes one of two where either will do', () => {
    expect(featureVerdict('encryption', { ...present, xt_u32: 'absent', xt_bpf: 'present' }).state).toBe('present');
    expect(featureVerdict('encryption', { ...present, xt_u32: 'absent', xt_bpf: 'absent' })).toEqual({
      state: 'absent',
      because: ['xt_u32 or xt_bpf'],
    });
  });

  it('is unknown where nobody asked', () => {
    expect(featureVerdict('vlan', {})).toEqual({ state: 'unknown', because: ['8021q'] });
    expect(featureVerdict('vxlan', JSON.parse('{"__proto__":{"vxlan":"present"}}'))).toEqual({ state: 'unknown', because: ['vxlan'] });
    expect(modulesOf('encryption')).toContain('xt_bpf');
  });
});
