/** The one image of ours: the Pets web server, and the agent that sidecars run. */
export const OWN_IMAGE = 'pets-console/web';

/** Whether an image is one of ours: built from a recipe that ships with the product, never pulled, and known to answer a nonce. */
export function isOwnImage(reference: string): boolean {
  return reference.replace(/:latest$/, '') === OWN_IMAGE;
}
