import { PetsError } from '../domain/errors.ts';
import { ensureAppImage } from '../engine/app-image.ts';
import type { Engine } from '../engine/engine.ts';
import { closeEngine, openEngine } from '../engine/engine.ts';
import { imageOf, importRootfs } from '../engine/images.ts';
import { nodePaths } from './names.ts';
import { findProgram } from './packages.ts';
import { prepareRootfs, type Rootfs, type RootfsRecipe } from './rootfs.ts';
import type { LabState } from './state.ts';

const DIGEST_LABEL = 'pets-console.lab.digest';

interface LabImage {
  readonly repository: string;
  readonly tag: string;
  readonly rootfs: Rootfs;
  readonly changes: readonly string[];
}

/**
 * Gives every engine the images that a lab cannot pull, made from what this machine has: redis, and Node for the Pets image.
 * An engine that has them already, from the same files, is left alone.
 */
export async function makeLabImages(state: LabState, onProgress: (text: string) => void, signal: AbortSignal): Promise<void> {
  const images = await Promise.all([redisImage(), nodeImage()]);
  const begunAt = performance.now();
  let isAnnounced = false;
  const announce = () => {
    if (!isAnnounced) onProgress("making the images redis and pets-console/web from this machine's own programs");
    isAnnounced = true;
  };
  await Promise.all(state.hosts.map(({ name }) => makeImagesOn({ lab: state.name, host: name }, images, announce, signal)));
  if (isAnnounced) onProgress(`images made after ${((performance.now() - begunAt) / 1000).toFixed(1)} s`);
}

async function makeImagesOn(
  { lab, host }: { lab: string; host: string },
  images: readonly LabImage[],
  announce: () => void,
  signal: AbortSignal,
): Promise<void> {
  const engine = await openEngine({ name: host, endpoint: `unix://${nodePaths(lab, host).socket}` }, signal);
  try {
    await Promise.all(images.map((image) => importWhereMissing(engine, image, announce, signal)));
    await ensureAppImage(engine, signal);
  } finally {
    closeEngine(engine);
  }
}

async function importWhereMissing(engine: Engine, image: LabImage, announce: () => void, signal: AbortSignal): Promise<void> {
  const { repository, tag, rootfs } = image;
  const present = await imageOf(engine, `${repository}:${tag}`, signal);
  if (present?.labels[DIGEST_LABEL] === rootfs.digest) return;
  announce();
  const changes = [...image.changes, `LABEL ${DIGEST_LABEL}=${rootfs.digest}`];
  await importRootfs(engine, rootfs.open(), { repository, tag, changes }, signal);
}

/** As the official image behaves: user redis, data in /data, port 6379, and the words after the image name are the server's. */
async function redisImage(): Promise<LabImage> {
  const server = (await findProgram('redis-server')) ?? (await findProgram('redis-check-rdb'));
  const cli = await findProgram('redis-cli');
  if (server === undefined || cli === undefined)
    throw missing('redis-server or redis-check-rdb, and redis-cli', 'apt-get install redis-tools');
  const rootfs = await prepareRootfs({
    programs: [
      // Debian ships one program for both and decides by the name it is called by.
      { from: server, to: '/usr/local/bin/redis-server' },
      { from: cli, to: '/usr/local/bin/redis-cli' },
    ],
    ...commonFiles('redis:x:999:999::/data:/sbin/nologin', 'redis:x:999:'),
    folders: [
      { path: '/data', mode: 0o755, uid: 999 },
      { path: '/tmp', mode: 0o1777, uid: 0 },
    ],
  });
  const changes = [
    'USER 999:999',
    'WORKDIR /data',
    'EXPOSE 6379',
    'ENV PATH=/usr/local/bin',
    // As the official image: reachable by other containers. Nothing is kept on disk: a database of the lab lives as long as its container.
    'ENTRYPOINT ["redis-server", "--protected-mode", "no", "--save", "", "--appendonly", "no"]',
    'CMD []',
  ];
  return { repository: 'redis', tag: 'latest', rootfs, changes };
}

/** Node where the Pets image expects it, and nothing else. */
async function nodeImage(): Promise<LabImage> {
  const rootfs = await prepareRootfs({
    programs: [{ from: process.execPath, to: '/usr/local/bin/node' }],
    ...commonFiles('nobody:x:65534:65534::/:/sbin/nologin', 'nogroup:x:65534:'),
    folders: [{ path: '/tmp', mode: 0o1777, uid: 0 }],
  });
  return { repository: 'pets-console/base', tag: 'lab', rootfs, changes: ['ENV PATH=/usr/local/bin', 'CMD ["node"]'] };
}

function commonFiles(user: string, group: string): Pick<RootfsRecipe, 'texts'> {
  return {
    texts: {
      '/etc/passwd': `root:x:0:0:root:/root:/sbin/nologin\n${user}\n`,
      '/etc/group': `root:x:0:\n${group}\n`,
      '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
    },
  };
}

function missing(programs: string, hint: string): PetsError {
  return new PetsError('LAB_FAILED', { message: `this machine lacks ${programs}, of which lab images are made`, hint });
}
