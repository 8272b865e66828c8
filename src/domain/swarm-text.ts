import type { OutsideRow } from './select-swarm.ts';
import { cleanText } from './text.ts';

/** As Docker writes a state: `ready` → `Ready`. */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** What an engine calls a node, a task or a container, as short as Docker prints it where a length is told; an identifier is kept raw until it is shown. */
export function idText(id: string, length?: number): string {
  return cleanText(id.slice(0, length));
}

/** An image that is pinned by its ID is told as short as `docker images` does. */
export function imageText(image: string): string {
  return image.replace(/(^|@)sha256:([0-9a-f]{12})[0-9a-f]{52}$/, '$1sha256:$2').replace(/^sha256:/, '');
}

/** What a host is of which no manager here tells. */
export function membershipText({ state, isManager, managerAddresses }: OutsideRow): string {
  if (state === 'inactive') return 'in no swarm';
  const member = `${isManager ? 'manager of' : 'in'} a swarm (${state})`;
  if (isManager || managerAddresses.length === 0) return member;
  return `${member} managed from ${managerAddresses.join(', ')}, of which no host here tells`;
}
