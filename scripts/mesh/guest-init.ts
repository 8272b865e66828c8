import type { MeshTrial } from './trial.ts';

/** What a machine says on its console before each command; the rest of such a line is for people. */
export const MARK = 'pets-mesh:';

/** Handed over when the last command has ended. */
export const FINISHED = 'finished';

/** The disks beside the root, in the order in which the machine is given them. */
const PAYLOAD = '/dev/vda';
const RESULTS = '/dev/vdb';

/**
 * The first process of the machine, on its root disk: nothing but the way to the payload's script, so that a change to that one
 * needs no new disk. It is part of what the disk is keyed by. Without an initramfs nobody else has mounted /dev.
 */
export const ROOT_INIT = `#!/bin/sh
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
modprobe -a virtio_pci virtio_blk
mount -t ext4 -o ro ${PAYLOAD} /payload && exec sh /payload/init
echo '${MARK} the payload could not be mounted' > /dev/console
echo o > /proc/sysrq-trigger
while :; do sleep 1; done
`;

/** Loaded before the lab, as a Docker of the machine's own would have; the rest is loaded by whoever needs it. */
const MODULES = 'overlay br_netfilter';

/**
 * The script that makes a machine out of a booted kernel, runs the trials and hands over what they said.
 *
 * Results go to a disk of their own as a bare tar: no file system that a machine ended half-way could leave broken, and it is written
 * after each command, so that what came before a hang is there.
 */
export function guestInit(trials: readonly MeshTrial[]): string {
  return `${SETUP}
${trials.flatMap(({ name, commands }) => commands.map((command) => runLine(name, command))).join('\n')}
finish
`;
}

const SETUP = `
export PATH=/payload/tools:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C NO_COLOR=1
export XDG_STATE_HOME=/tmp/results/state
exec < /dev/null > /dev/console 2>&1
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
hostname pets-mesh
ip link set lo up
modprobe -a ${MODULES}
mkdir -p /tmp/results

say() { echo "${MARK} $*"; }

hand_over() {
  tar --create --file=${RESULTS} --directory=/tmp/results . && sync
}

# Trial, name, seconds, line.
run() {
  folder=/tmp/results/$1/$2
  mkdir -p "$folder"
  say "$1 $2"
  begun=$(date +%s%3N)
  timeout --kill-after=10 "$3" sh -c "$4" > "$folder/stdout" 2> "$folder/stderr"
  echo $? > "$folder/status"
  echo $(($(date +%s%3N) - begun)) > "$folder/duration-ms"
  hand_over
}

finish() {
  touch /tmp/results/${FINISHED}
  hand_over
  say 'done'
  echo o > /proc/sysrq-trigger
  while :; do sleep 1; done
}
`;

function runLine(trial: string, { name, withinS, line }: MeshTrial['commands'][number]): string {
  return `run ${[trial, name, String(withinS), line].map(quote).join(' ')}`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
