import { type ErrorCode, PetsError } from '../domain/errors.ts';
import { cleanText } from '../domain/text.ts';
import type { SshFiles } from './finding.ts';
import { targetArguments } from './ssh-command.ts';
import type { SshTarget } from './ssh-endpoint.ts';
import { offeredKeys } from './ssh-keys.ts';

/** Which host is meant, and how ssh is told. */
export interface SshWay {
  /** The host's name, for messages. */
  readonly name: string;
  readonly target: SshTarget;
  readonly files: SshFiles;
}

interface Words {
  readonly code: ErrorCode;
  readonly says: string;
  readonly hint: string;
  /** A person whom ssh may ask could turn it into a success. */
  readonly canBeAsked?: boolean;
}

interface SshRule {
  readonly match: RegExp;
  readonly words: (way: SshWay, stderr: string) => Words | Promise<Words>;
}

/** Why a host is not reached over ssh. */
export class SshFailure extends PetsError {
  readonly canBeAsked: boolean;

  constructor(way: SshWay, { code, says, hint, canBeAsked }: Words, stderr = '') {
    const last = cleanText(stderr.trim().split(/\r?\n/).at(-1) ?? '');
    super(code, { message: `${way.name}: no way over ssh to ${way.target.host}: ${says}${last === '' ? '' : ` (${last})`}`, hint });
    this.canBeAsked = canBeAsked ?? false;
  }
}

/** Words of OpenSSH (9.2); first match wins. */
const RULES: readonly SshRule[] = [
  { match: /REMOTE HOST IDENTIFICATION HAS CHANGED|POSSIBLE DNS SPOOFING/, words: changedKey },
  refused(/REVOKED HOST KEY/, "the host's key was revoked", () => 'ask who runs that host for its present key'),
  { match: /Host key verification failed|authenticity of host|host key is known/, words: unknownKey },
  refused(/Too many authentication failures/, 'it was offered too many keys', ({ target }) => {
    return `name one: in ~/.ssh/config, for Host ${target.host}, IdentityFile and IdentitiesOnly yes`;
  }),
  { match: /Permission denied/, words: denied },
  unreachable(/Could not resolve hostname/, 'the name of the host is not known here', ({ target }) => `getent hosts ${target.host}`),
  unreachable(/Connection refused/, 'no ssh server listens there', (way) => `check host and port, and start one there: ${typed(way)}`),
  unreachable(/No route to host|Network is unreachable/, 'no way leads to that host', ({ target }) => `ip route get ${target.host}`),
  { match: /timed out|not responding/i, words: noAnswer },
  unreachable(/ssh: (?:command )?not found/, 'this machine has no ssh', () => 'install it: apt install openssh-client'),
  unreachable(
    /Bad owner or permissions|[Bb]ad configuration option/,
    'ssh refuses its own configuration',
    ({ target }) => `ssh -G ${target.host}`,
  ),
  unreachable(
    /Connection (?:closed|reset)|kex_exchange_identification/,
    'the ssh server closed the connection',
    (way) => `${typed(way)} -v`,
  ),
];

/** ssh ended before the way stood: why, told by its own words. */
export async function explainSsh(way: SshWay, stderr: string): Promise<SshFailure> {
  const rule = RULES.find(({ match }) => match.test(stderr));
  if (rule !== undefined) return new SshFailure(way, await rule.words(way, stderr), stderr);
  const says = 'the connection ended before the other side answered';
  return new SshFailure(way, { code: 'ENGINE_UNREACHABLE', says, hint: `see what it says: ${typed(way)} true` }, stderr);
}

export function tooSlow(way: SshWay): SshFailure {
  return new SshFailure(way, noAnswer(way));
}

export function noSocket(way: SshWay): SshFailure {
  const says = `there is no docker socket at ${way.target.socketPath ?? '/var/run/docker.sock'} over there`;
  const hint = `start the engine there, or name its socket: ssh://HOST/PATH/TO/docker.sock; see: ${typed(way)} docker context ls`;
  return new SshFailure(way, { code: 'ENGINE_UNREACHABLE', says, hint });
}

export function socketDenied(way: SshWay, path: string): SshFailure {
  const says = `the user who logs in there may not open ${cleanText(path)}`;
  const hint = `over there: sudo usermod -aG docker ${way.target.user ?? 'USER'}; it holds from the next login on`;
  return new SshFailure(way, { code: 'ENGINE_DENIED', says, hint });
}

export function noEngineBehind(way: SshWay, path: string): SshFailure {
  const says = `nothing listens at ${path} over there, though the socket is there`;
  return new SshFailure(way, { code: 'ENGINE_UNREACHABLE', says, hint: `start the engine: ${typed(way)} sudo systemctl start docker` });
}

export function forwardingRefused(way: SshWay, path: string, words: string): SshFailure {
  const says = `the ssh server forwards nothing to ${path}, or nothing listens there; and docker's own way (docker system dial-stdio) fails`;
  const hint =
    'over there, allow it (AllowStreamLocalForwarding yes in sshd_config) or install the docker command, and see that the engine runs';
  return new SshFailure(way, { code: 'ENGINE_UNREACHABLE', says, hint }, words);
}

export function connectionLost(way: SshWay): SshFailure {
  const hint = `it is made anew with the next call; see that it can be: ${typed(way)}`;
  return new SshFailure(way, { code: 'ENGINE_UNREACHABLE', says: 'the connection was lost', hint });
}

function changedKey(_way: SshWay, stderr: string): Words {
  const [, file, line] = /Offending (?:\S+ )?key (?:for IP )?in (.+):(\d+)/.exec(stderr) ?? [];
  const removal = /^\s*(ssh-keygen -f .+)$/m.exec(stderr)?.[1];
  const known = file === undefined ? 'the one known here' : `the one in ${cleanText(file)}, line ${line}`;
  const says = `the host's key is not ${known}: the host was made anew, or somebody poses as it; nothing was sent`;
  const hint = `only if you know why it changed: ${cleanText(removal?.trim() ?? 'ssh-keygen -R HOST')}`;
  return { code: 'ENGINE_DENIED', says, hint };
}

function unknownKey(way: SshWay): Words {
  const hint = `compare its fingerprint with the one of the host, and accept it once: ${typed(way)}`;
  return { code: 'ENGINE_DENIED', says: "the host's key is not known here yet", hint, canBeAsked: true };
}

async function denied(way: SshWay): Promise<Words> {
  const { files, locked } = await offeredKeys(targetArguments(way.target, way.files));
  const [key] = locked;
  const common = { code: 'ENGINE_DENIED', canBeAsked: true } as const;
  if (key !== undefined) {
    const says = `the key ${cleanText(key)} is locked with a passphrase, and no agent holds it`;
    return { ...common, says, hint: `give it to the agent: ssh-add ${cleanText(key)}` };
  }
  const offered =
    files.length === 0
      ? 'there is no key here to offer'
      : `it takes none of these keys: ${files.map((file) => cleanText(file)).join(', ')}`;
  return {
    ...common,
    says: offered,
    hint: `let it take one: ${typed(way).replace(/^ssh/, 'ssh-copy-id')}; or see why not: ${typed(way)} -v`,
  };
}

function noAnswer(way: SshWay): Words {
  return { code: 'ENGINE_TIMEOUT', says: 'the ssh server did not answer in time', hint: `see where it waits: ${typed(way)} -v` };
}

function refused(match: RegExp, says: string, hint: (way: SshWay) => string): SshRule {
  return { match, words: (way) => ({ code: 'ENGINE_DENIED', says, hint: hint(way) }) };
}

function unreachable(match: RegExp, says: string, hint: (way: SshWay) => string): SshRule {
  return { match, words: (way) => ({ code: 'ENGINE_UNREACHABLE', says, hint: hint(way) }) };
}

/** The command that a user would type to get there. */
function typed({ target: { host, user, port }, files: { identityFile, knownHostsFile } }: SshWay): string {
  const words = [
    ...(knownHostsFile === undefined ? [] : [`-o UserKnownHostsFile=${knownHostsFile}`]),
    ...(identityFile === undefined ? [] : [`-i ${identityFile}`]),
    ...(port === undefined ? [] : [`-p ${port}`]),
    user === undefined ? host : `${user}@${host}`,
  ];
  return cleanText(`ssh ${words.join(' ')}`);
}
