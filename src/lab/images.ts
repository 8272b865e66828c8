import { PetsError } from '../domain/errors.ts';
import { ensureAppImage, LAB_DIGEST_LABEL } from '../engine/app-image.ts';
import type { Engine } from '../engine/engine.ts';
import { closeEngine, openEngine } from '../engine/engine.ts';
import { imageOf, importRootfs } from '../engine/images.ts';
import { nodePaths } from './names.ts';
import { findProgram } from './packages.ts';
import { prepareRootfs, type Rootfs, type RootfsRecipe } from './rootfs.ts';
import type { LabState } from './state.ts';

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
  if (present?.labels[LAB_DIGEST_LABEL] === rootfs.digest) return;
  announce();
  const changes = [...image.changes, `LABEL ${LAB_DIGEST_LABEL}=${rootfs.digest}`];
  await importRootfs(engine, rootfs.open(), { repository, tag, changes }, signal);
}

/**
 * As the official image behaves: a server that other containers reach, unless the words after the image name are a command
 * (`redis redis-cli -h cat-db`). Nothing is kept on disk: a database of the lab lives as long as its container.
 */
const REDIS_ENTRYPOINT = `
case "$1" in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" != redis-server ]; then exec "$@"; fi
shift
case "\${1-}" in
  *.conf) exec redis-server "$@" ;;
esac
exec redis-server --protected-mode no --save '' --appendonly no "$@"
`;

/** User redis, data in /data, port 6379, and a shell, for `docker exec`. */
async function redisImage(): Promise<LabImage> {
  const server = (await findProgram('redis-server')) ?? (await findProgram('redis-check-rdb'));
  const cli = await findProgram('redis-cli');
  const shell = await findProgram('sh');
  if (server === undefined || cli === undefined || shell === undefined) throw missing('redis-server, redis-cli or sh');
  const rootfs = await prepareRootfs({
    programs: [
      // Debian ships one program for both and decides by the name it is called by.
      { from: server, to: '/usr/local/bin/redis-server' },
      { from: cli, to: '/usr/local/bin/redis-cli' },
      { from: shell, to: '/bin/sh' },
    ],
    texts: {
      ...systemFiles('redis:x:999:999::/data:/bin/sh', 'redis:x:999:'),
      '/usr/local/bin/docker-entrypoint.sh': REDIS_ENTRYPOINT,
    },
    folders: [
      { path: '/data', mode: 0o755, uid: 999 },
      { path: '/tmp', mode: 0o1777, uid: 0 },
    ],
  });
  const changes = [
    'USER 999:999',
    'WORKDIR /data',
    'EXPOSE 6379',
    'ENV PATH=/usr/local/bin:/bin',
    'ENTRYPOINT ["/bin/sh", "/usr/local/bin/docker-entrypoint.sh"]',
    'CMD ["redis-server"]',
  ];
  return { repository: 'redis', tag: 'latest', rootfs, changes };
}

/** Node where the Pets image expects it, and nothing else. */
async function nodeImage(): Promise<LabImage> {
  const rootfs = await prepareRootfs({
    programs: [{ from: process.execPath, to: '/usr/local/bin/node' }],
    texts: systemFiles('nobody:x:65534:65534::/:/sbin/nologin', 'nogroup:x:65534:'),
    folders: [{ path: '/tmp', mode: 0o1777, uid: 0 }],
  });
  return { repository: 'pets-console/base', tag: 'lab', rootfs, changes: ['ENV PATH=/usr/local/bin', 'CMD ["node"]'] };
}

function systemFiles(user: string, group: string): RootfsRecipe['texts'] {
  return {
    '/etc/passwd': `root:x:0:0:root:/root:/sbin/nologin\n${user}\n`,
    '/etc/group': `root:x:0:\n${group}\n`,
    '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  };
}

function missing(programs: string): PetsError {
  return new PetsError('LAB_FAILED', {
    message: `this machine lacks ${programs}, of which the redis image is made`,
    hint: 'apt-get install redis-tools',
  });
}
