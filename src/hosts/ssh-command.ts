import { join } from 'node:path';
import type { SshFiles } from './finding.ts';
import type { SshTarget } from './ssh-endpoint.ts';

/** Inside the private folder of one connection. */
const CONTROL_SOCKET = 'control';
const SECONDS_TO_CONNECT = 10;
/** Where the docker command over there would look: its own DOCKER_HOST, the usual place, that of an engine without root. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: for the shell over there
const CANDIDATES = '"${DOCKER_HOST#unix://}" /var/run/docker.sock /run/user/$(id -u)/docker.sock';

/**
 * What holds ssh: a shell that outlives us when we are killed. ssh then ends by itself, since nobody holds its standard input any more, and the
 * shell removes the folder. Ctrl-C and a closed terminal are for the console to hear; it closes its connections when it is done.
 */
export const HOLD = `
folder=$1; shift
trap '' INT QUIT HUP
exec 3<&0
"$@" <&3 3<&- &
trap 'kill $!' TERM
wait $!
while kill -0 $!; do wait $!; done 2>/dev/null
rm -rf "$folder"
`;

/** Without asking anything, or with ssh asking on the terminal or through SSH_ASKPASS. */
export interface SshManner {
  readonly folder: string;
  readonly mayAsk: boolean;
}

/**
 * Arguments of the one connection. What the user's configuration says holds (keys, agents, jumps, known hosts, how strictly they are
 * checked), but for what would start other things on this connection, or take it elsewhere.
 */
export function connectionArguments(target: SshTarget, files: SshFiles, { folder, mayAsk }: SshManner, word: string): string[] {
  const options = {
    ControlMaster: 'yes',
    ControlPath: join(folder, CONTROL_SOCKET),
    ControlPersist: 'no',
    // Forwards of the user's own may be taken by a session of theirs; ours are asked for afterwards.
    ClearAllForwardings: 'yes',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    PermitLocalCommand: 'no',
    RemoteCommand: 'none',
    RequestTTY: 'no',
    Tunnel: 'no',
    ConnectTimeout: SECONDS_TO_CONNECT,
    ServerAliveInterval: 5,
    ServerAliveCountMax: 3,
    // Failures are told by their words.
    LogLevel: 'INFO',
    ...(mayAsk ? {} : { BatchMode: 'yes' }),
  };
  return [
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...targetArguments(target, files),
    lookAround(target, word),
  ];
}

/** Arguments that say where to, as in the command that a user would type. */
export function targetArguments({ host, user, port }: SshTarget, { identityFile, knownHostsFile }: SshFiles): string[] {
  return [
    ...(knownHostsFile === undefined ? [] : ['-o', `UserKnownHostsFile=${quote(knownHostsFile)}`]),
    ...(identityFile === undefined ? [] : ['-i', identityFile]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    '--',
    host,
  ];
}

/** Arguments of a companion on a connection that stands. Where it stands no more, a companion must not make another. */
export function companionArguments(folder: string): string[] {
  return [
    '-F',
    'none',
    '-S',
    join(folder, CONTROL_SOCKET),
    '-o',
    'ControlMaster=no',
    '-o',
    'ProxyCommand=false',
    '-o',
    'BatchMode=yes',
    '-T',
  ];
}

/** The command over there: says what engine's socket there is, and lives until its standard input ends. No `!`, for csh's sake. */
function lookAround({ socketPath }: SshTarget, word: string): string {
  const look = 'if test -S "$s"; then f="denied $s"; if test -w "$s"; then f="open $s"; break; fi; fi';
  return `exec sh -c 'f=none; for s in ${socketPath ?? CANDIDATES}; do ${look}; done; echo; echo "${word} $f"; exec cat >/dev/null'`;
}

/** ssh takes a value in double quotes for one word, and `%` for the start of a token. */
function quote(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}
