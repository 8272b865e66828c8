import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import type { LookAnswer } from '../../src/agent/protocol.ts';
import { readWord } from './proc-files.ts';

type ModuleState = LookAnswer['modules'][string];

/** What the kernel's configuration calls a module. Of one that is not here its name in capitals is a guess: it may confirm, and not deny. */
const CONFIG_WORDS: Readonly<Record<string, string>> = {
  '8021q': 'VLAN_8021Q',
  br_netfilter: 'BRIDGE_NETFILTER',
  esp4: 'INET_ESP',
  ip_vs: 'IP_VS',
  ip_vs_rr: 'IP_VS_RR',
  macvlan: 'MACVLAN',
  vxlan: 'VXLAN',
  xfrm_user: 'XFRM_USER',
  xt_bpf: 'NETFILTER_XT_MATCH_BPF',
  xt_ipvs: 'NETFILTER_XT_MATCH_IPVS',
  xt_mark: 'NETFILTER_XT_MARK',
  xt_policy: 'NETFILTER_XT_MATCH_POLICY',
  xt_u32: 'NETFILTER_XT_MATCH_U32',
};

/** What a module shows in every namespace, also when it is built in and so has no folder of its own. */
const SIGNS: Readonly<Record<string, string>> = {
  '8021q': '/proc/net/vlan',
  br_netfilter: '/proc/sys/net/bridge',
  ip_vs: '/proc/net/ip_vs',
};

/** What tells of modules that are not loaded; each is empty where it is not seen. */
interface Sources {
  /** `modules.builtin` and `modules.dep` of the running kernel, which an agent on a host sees where the host has them. */
  readonly builtIn: string;
  readonly onDisk: string;
  /** Only some kernels keep it: Docker Desktop's do, Debian's have it in /boot, which no container sees. */
  readonly config: string;
}

/** What the kernel can do by each module: by what is loaded, on disk, and in the kernel's configuration. */
export async function readModules(names: readonly string[]): Promise<Readonly<Record<string, ModuleState>>> {
  const missing = names.filter((name) => !isLoaded(name));
  const sources = missing.length === 0 ? undefined : await readSources();
  return Object.fromEntries(
    names.map((name) => [name, sources === undefined || !missing.includes(name) ? 'present' : stateOf(name, sources)]),
  );
}

function isLoaded(name: string): boolean {
  const sign = SIGNS[name];
  return existsSync(`/sys/module/${name}`) || (sign !== undefined && existsSync(sign));
}

function stateOf(name: string, { builtIn, onDisk, config }: Sources): ModuleState {
  // In file names `-` and `_` are one; packed ones end with `.ko.xz` or `.ko.zst`.
  const file = new RegExp(`/${name.replaceAll(/[-_]/g, '[-_]')}\\.ko\\b`);
  const known = CONFIG_WORDS[name];
  const word = `CONFIG_${known ?? name.toUpperCase()}`;
  if (file.test(builtIn) || config.includes(`\n${word}=y`)) return 'present';
  // The folder knows best: a module may be built apart from its kernel, and may be in a package that is not installed.
  if (onDisk !== '') return file.test(onDisk) ? 'loadable' : 'absent';
  if (config.includes(`\n# ${word} is not set`)) return 'absent';
  // What depends on something that is missing is not even mentioned.
  return config !== '' && known !== undefined && !config.includes(`\n${word}=`) ? 'absent' : 'unknown';
}

async function readSources(): Promise<Sources> {
  const folder = `/lib/modules/${release()}`;
  return { builtIn: readWord(`${folder}/modules.builtin`), onDisk: readWord(`${folder}/modules.dep`), config: await readKernelConfig() };
}

async function readKernelConfig(): Promise<string> {
  try {
    const packed = await readFile('/proc/config.gz');
    // Loaded for this alone: most looks ask for no module.
    const { gunzipSync } = await import('node:zlib');
    return gunzipSync(packed).toString('utf8');
  } catch {
    return '';
  }
}
