import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { PetsError } from '../../src/domain/errors.ts';
import { cleanEnvironment } from '../../src/lab/command.ts';
import { MARK } from './guest-init.ts';
import type { MachineFiles } from './root-disk.ts';

/** The disks of one run, in the order in which the machine sees them. */
export interface RunDisks {
  readonly payload: string;
  readonly results: string;
}

interface MachineOptions {
  /** Where everything that it writes on its serial console is kept. */
  readonly consoleLog: string;
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /** Each line that its script says of itself. */
  readonly onProgress: (text: string) => void;
}

/** What the last lines of a console may tell of a machine that ended badly. */
const LAST_LINES = 12;

/**
 * Boots a machine, waits for its end and returns the last lines of its console. It has no network card, and writes to its root disk are
 * thrown away with it. A panic ends it as its own end does: whether it came to its end, its results tell.
 * @throws LAB_FAILED with those lines when it does not end in time, INTERRUPTED
 */
export async function runMachine(files: MachineFiles, disks: RunDisks, options: MachineOptions): Promise<string> {
  const log = createWriteStream(options.consoleLog);
  const lines: string[] = [];
  // The machine must not outlive this process, however that ends (kill -9 included).
  const command = ['--pdeathsig', 'KILL', 'nice', '-n', '10', 'qemu-system-x86_64', ...machineArguments(files, disks)];
  const machine = spawn('setpriv', command, { env: cleanEnvironment({ TMPDIR: '/var/tmp' }), stdio: ['ignore', 'pipe', 'pipe'] });
  const note = (line: string) => {
    lines.push(line);
    lines.splice(0, lines.length - LAST_LINES);
    if (line.startsWith(MARK)) options.onProgress(line.slice(MARK.length).trim());
  };
  for (const stream of [machine.stdout, machine.stderr]) {
    stream.pipe(log, { end: false });
    createInterface({ input: stream }).on('line', (line) => note(line.replaceAll('\r', '')));
  }
  const end = () => machine.kill('SIGKILL');
  const deadline = AbortSignal.timeout(options.withinMs);
  const either = AbortSignal.any([options.signal, deadline]);
  either.addEventListener('abort', end, { once: true });
  try {
    const status = await new Promise<number | null>((resolve, reject) => machine.once('error', reject).once('close', resolve));
    if (options.signal.aborted) throw new PetsError('INTERRUPTED', { message: 'the machine was interrupted' });
    if (status === 0) return lines.join('\n');
    const fact = deadline.aborted ? `did not end within ${options.withinMs / 1000} s` : `ended with ${status}`;
    throw new PetsError('LAB_FAILED', { message: `the machine ${fact}:\n${lines.join('\n')}`, hint: `see ${options.consoleLog}` });
  } finally {
    either.removeEventListener('abort', end);
    log.end();
  }
}

/** Emulated, since hardware help (kvm) is missing or hangs where tests run. The root is NVMe, which the kernel reads without an initramfs. */
function machineArguments({ vmlinuz, rootDisk }: MachineFiles, { payload, results }: RunDisks): readonly string[] {
  const disk = (name: string, file: string, device: string, more: string) => [
    ...['-drive', `file=${file},format=raw,if=none,id=${name},cache=unsafe,${more}`],
    ...['-device', `${device},drive=${name},serial=${name}`],
  ];
  return [
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '6G'],
    ...['-nodefaults', '-no-user-config', '-nic', 'none', '-display', 'none', '-serial', 'stdio', '-no-reboot'],
    ...disk('root', rootDisk, 'nvme', 'snapshot=on'),
    ...disk('payload', payload, 'virtio-blk-pci', 'readonly=on'),
    ...disk('results', results, 'virtio-blk-pci', 'snapshot=off'),
    ...['-kernel', vmlinuz, '-append', 'root=/dev/nvme0n1 rw init=/sbin/pets-mesh-init console=ttyS0 quiet loglevel=4 panic=-1'],
  ];
}
