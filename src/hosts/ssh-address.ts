import { execFile } from 'node:child_process';
import { readSshEndpoint } from './ssh-endpoint.ts';

/** ssh only reads its configuration for this; a `Match exec` in it may run a program. */
const CONFIGURATION_MS = 2000;

/** The name or address that ssh would connect to for an endpoint, as its configuration (`HostName`) has it; `otherwise` where it does not say. */
export function sshAddress(endpoint: string, otherwise: string): Promise<string> {
  const target = readSshEndpoint(endpoint);
  if ('problem' in target) return Promise.resolve(otherwise);
  const user = target.user === undefined ? [] : ['-l', target.user];
  return new Promise((resolve) => {
    execFile('ssh', ['-G', ...user, '--', target.host], { timeout: CONFIGURATION_MS }, (_error, stdout) => {
      resolve(/^hostname (\S+)$/m.exec(stdout)?.[1] ?? otherwise);
    });
  });
}
