import { PetsError } from '../domain/errors.ts';
import { ensureAppImage, LAB_DIGEST_LABEL } from '../engine/app-image.ts';
import { copyImage } from '../engine/copy-image.ts';
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
  const [redis, node] = await Promise.all([redisImage(), nodeImage()]);
  const begunAt = performance.now();
  let isAnnounced = false;
  const announce = () => {
    if (!isAnnounced) onProgress("making the images redis and pets-console/web from this machine's own programs");
    isAnnounced = true;
  };
  const engines = await openEngines(state, signal);
  const makePets = async (engine: Engine) => {
    if (!(await isPresent(engine, node, signal))) await importImage(engine, node, announce, signal);
    await ensureAppImage(engine, signal);
  };
  try {
    await Promise.all([shareImage(engines, redis, announce, signal), ...engines.map(makePets)]);
  } finally {
    for (const engine of engines) closeEngine(engine);
  }
  if (isAnnounced) onProgress(`images made after ${((performance.now() - begunAt) / 1000).toFixed(1)} s`);
}

async function openEngines({ name: lab, hosts }: LabState, signal: AbortSignal): Promise<readonly Engine[]> {
  return Promise.all(hosts.map(({ name }) => openEngine({ name, endpoint: `unix://${nodePaths(lab, name).socket}` }, signal)));
}

/** One image for all hosts, as a registry would give: made on each, its ID would differ by the time of its making. */
async function shareImage(engines: readonly Engine[], image: LabImage, announce: () => void, signal: AbortSignal): Promise<void> {
  const present = await Promise.all(engines.map((engine) => isPresent(engine, image, signal)));
  const source = engines.find((_, index) => present[index]) ?? engines[0];
  if (source === undefined) return;
  if (!present.includes(true)) await importImage(source, image, announce, signal);
  const others = engines.filter((engine, index) => engine !== source && present[index] !== true);
  await Promise.all(others.map((engine) => copyImage(source, engine, `${image.repository}:${image.tag}`, signal)));
}

async function isPresent(engine: Engine, { repository, tag, rootfs }: LabImage, signal: AbortSignal): Promise<boolean> {
  return (await imageOf(engine, `${repository}:${tag}`, signal))?.labels[LAB_DIGEST_LABEL] === rootfs.digest;
}

async function importImage(engine: Engine, image: LabImage, announce: () => void, signal: AbortSignal): Promise<void> {
  const { repository, tag, rootfs } = image;
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
