import type { LiveEngine } from '../domain/live.ts';
import { own } from '../domain/own.ts';
import { isOwnImage } from '../domain/own-images.ts';
import { isSameImage } from '../domain/same-image.ts';
import type { ContainerWish } from '../domain/scenario.ts';

/**
 * What is not the same though it bears one name: an image that differs between hosts of one platform that are to run it.
 * Our own image is made anew on each host: its recipe is compared instead, by the plan itself.
 */
export function imageWarnings(live: readonly LiveEngine[], wanted: readonly Pick<ContainerWish, 'host' | 'image'>[]): readonly string[] {
  const references = new Set(wanted.map(({ image }) => image).filter((image) => !isOwnImage(image)));
  return [...references].flatMap((reference) => {
    const hosts = live.filter(({ host }) => wanted.some((wish) => wish.host === host && wish.image === reference));
    const copies = hosts.flatMap(({ host, images }) => {
      const image = own(images, reference);
      return image === undefined ? [] : [{ host, ...image }];
    });
    const byPlatform = Object.values(Object.groupBy(copies, ({ platform }) => platform));
    return byPlatform.flatMap((alike = []) =>
      alike.every((copy) => isSameImage(copy, alike[0] ?? copy)) ? [] : [describe(reference, alike)],
    );
  });
}

function describe(reference: string, copies: readonly { readonly host: string; readonly id: string }[]): string {
  const each = copies.map(({ host, id }) => `${host} has ${id.replace('sha256:', '').slice(0, 12)}`);
  return `image ${reference} is not the same everywhere: ${each.join(', ')}; one for all: docker pull ${reference} on each`;
}

/** The other hosts that have an image, ours of the present recipe: where a host could copy it from. */
export function hostsThatHave(image: string, live: readonly LiveEngine[], except: string): readonly string[] {
  return live.filter(({ host, images }) => host !== except && own(images, image)?.current === true).map(({ host }) => host);
}
