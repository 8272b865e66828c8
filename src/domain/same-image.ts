/** How an image is known: by the name that its engine's store gives it, and by what it is made of. */
export interface ImageIdentity {
  readonly id: string;
  readonly content?: string;
}

/**
 * Whether two engines have the same image. Equal IDs say so; different ones only where both are config digests: containerd's store, of which
 * an engine may make use, names an image by its manifest (measured on 28.5).
 */
export function isSameImage(left: ImageIdentity, right: ImageIdentity): boolean {
  return left.id === right.id || (left.content !== undefined && left.content === right.content);
}
