/** The Pets web server, and the agent that sidecars run. */
export const OWN_IMAGE = 'pets-console/web';

/** Our images by the reference that users type, and the stage of the one recipe (`app-image/Dockerfile`) that each is. */
const STAGES: Readonly<Record<string, string>> = { [OWN_IMAGE]: 'web', 'pets-console/admin': 'admin' };

/** The stage of our recipe that an image is built from; undefined of an image that is none of ours. */
export function stageOfOwnImage(reference: string): string | undefined {
  const name = reference.replace(/:latest$/, '');
  return Object.hasOwn(STAGES, name) ? STAGES[name] : undefined;
}

/** Whether an image is one of ours: built from a recipe that ships with the product, never pulled, and known to answer a nonce. */
export function isOwnImage(reference: string): boolean {
  return stageOfOwnImage(reference) !== undefined;
}
