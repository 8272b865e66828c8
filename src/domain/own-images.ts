/** Whether an image is one of ours: built from a recipe that ships with the product, never pulled, and known to answer a nonce. */
export function isOwnImage(reference: string): boolean {
  return reference.replace(/:latest$/, '') === 'pets-console/web';
}
