import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import type { LookAnswer } from '../../src/agent/protocol.ts';
import { readWord } from './proc-files.ts';

type ModuleState = LookAnswer['modules'][string];

/** Where a module's name and its word in the kernel's configuration differ. */
const CONFIG_WORDS: Readonly<Record<string, string>> = {
  '8021q': 'VLAN_8021Q',
  br_netfilter: 'BRIDGE_NETFILTER',
  xt_ipvs: 'NETFILTER_XT_MATCH_IPVS',
  esp4: 'INET_ESP',
};

/** What can be told of each module from inside a container, where neither the list of modules nor their folder need be seen. */
export async function readModules(names: readonly string[]): Promise<Readonly<Record<string, ModuleState>>> {
  const loaded = new Set(names.filter(isLoaded));
  const config = loaded.size === names.length ? '' : await readKernelConfig();
  return Object.fromEntries(names.map((name) => [name, loaded.has(name) ? 'present' : stateOf(name, config)]));
}

function isLoaded(name: string): boolean {
  return existsSync(`/sys/module/${name}`) || (name === '8021q' && existsSync('/proc/net/vlan'));
}

function stateOf(name: string, config: string): ModuleState {
  const word = `CONFIG_${CONFIG_WORDS[name] ?? name.toUpperCase()}`;
  if (config.includes(`\n${word}=y`)) return 'present';
  if (config.includes(`\n# ${word} is not set`)) return 'absent';
  const folder = `/lib/modules/${release()}`;
  const file = new RegExp(`/${name}\\.ko\\b`, 'm');
  if (file.test(readWord(`${folder}/modules.builtin`))) return 'present';
  return file.test(readWord(`${folder}/modules.dep`)) ? 'loadable' : 'unknown';
}

/** Empty where the kernel does not keep it (Debian's has it in /boot, which no container sees). */
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
