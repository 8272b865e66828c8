/** `registry:5000/team/web` of `registry:5000/team/web:1` and of `registry:5000/team/web@sha256:…`. */
export function repositoryOf(reference: string): string {
  return withoutDigest(reference).replace(/:[^/:]*$/, '');
}

/**
 * Whether a swarm's service, which bears the first, runs what a user calls by the second: under that name, with the tag that Docker adds, or
 * by a digest that a registry knows it by. That a digest is the present one is not known from names.
 */
export function isReferenceTo(image: string, wished: string): boolean {
  const name = withoutDigest(image);
  const isTagged = repositoryOf(wished) !== withoutDigest(wished);
  const names = [withoutDigest(wished), ...(isTagged ? [] : [`${withoutDigest(wished)}:latest`])];
  return names.includes(name) || (name !== image && name === repositoryOf(wished));
}

function withoutDigest(reference: string): string {
  return reference.split('@')[0] ?? '';
}
