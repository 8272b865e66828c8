// wire NETWORK plain|encrypted: what a web server says to its database on another host crosses the underlay as VXLAN that anyone can read,
// or as ESP and nothing else. wire ingress PORT: what crosses the routing mesh is plain, whatever the tenants' networks are.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import { docker, hostsOfLab, inTask, manager, onlyTaskOf, tasksOf } from './lab.ts';
import { askFor } from './page.ts';

/** Nobody listens there: a datagram to it marks the end of a capture. */
const END_PORT = 9;
const END_WITHIN_MS = 60_000;
const [watched] = hostsOfLab();
if (watched === undefined) throw new Error('the lab has no host');

/** Everything at the watched host's port of the wire while `act` goes on, a frame each. Between two hosts nothing goes by another way. */
async function capture(act: () => Promise<void> | void): Promise<readonly string[]> {
  const command = ['--net=/run/pets-console/lab/router/netns', 'tcpdump', '-n', '-l', '--immediate-mode', '-A', '-i', watched?.name ?? ''];
  const listener = spawn('nsenter', command);
  const frames: string[] = [];
  const sink = createSocket('udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      listener.on('error', reject).on('exit', (status) => reject(new Error(`tcpdump ended with ${status}`)));
      createInterface({ input: listener.stderr }).on('line', (line) => line.includes('listening on') && resolve());
    });
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
    createInterface({ input: listener.stdout }).on('line', (line) => {
      if (/^\d\d:\d\d:\d\d\.\d+ /.test(line)) frames.push(line);
      else frames.push(`${frames.pop() ?? ''}\n${line}`);
      if (line.includes(`> ${watched?.address}.${END_PORT}: UDP`)) resolve();
    });
    await act();
    // Again and again: one datagram may be lost.
    const marking = setInterval(() => sink.send('end', END_PORT, watched?.address), 200);
    setTimeout(() => reject(new Error(`the capture never saw its end:\n${frames.slice(-5).join('\n')}`)), END_WITHIN_MS).unref();
    await ended.finally(() => clearInterval(marking));
    return frames;
  } finally {
    sink.close();
    listener.removeAllListeners('exit').kill();
  }
}

function vniOf(network: string): string {
  const option = '{{index .Options "com.docker.network.driver.overlay.vxlanid_list"}}';
  return docker(manager(), 'network', 'inspect', '--format', option, network);
}

/** Asks a web server until its database has certainly counted: an emulated one may take longer than a page waits. */
const HIT = `
let counted;
for (let asked = 0; asked < 20 && counted !== 'true'; asked += 1) {
  counted = (await fetch('http://127.0.0.1:5000/')).headers.get('x-pets-counted');
}
console.log(counted);
`;

/** From a web server to its database on the other host. */
async function acrossNetwork(network: string, tenant: string) {
  const database = onlyTaskOf(`${tenant}-db`, network);
  const web = tasksOf(`${tenant}-web`, network).find(({ host }) => host.name !== database.host.name);
  if (web === undefined) throw new Error(`all tasks of ${tenant} are on ${database.host.name}: nothing crosses the wire`);
  const frames = await capture(() => assert.equal(inTask(web, HIT), 'true'));
  return summaryOf(frames, vniOf(network), tenant);
}

function summaryOf(frames: readonly string[], vni: string, tenant: string) {
  const show = (named: string, found: readonly string[]) => {
    console.log(`${named}: ${found.length}${found[0] === undefined ? '' : `, as ${found[0].split('\n')[0]}`}`);
    return found.length;
  };
  const esp = frames.filter((frame) => /ESP\(spi=/.test(frame));
  return {
    esp: show('ESP', esp),
    espTo: new Set(esp.map((frame) => /> ([\d.]+): ESP/.exec(frame)?.[1])).size,
    vxlan: show(
      'VXLAN',
      frames.filter((frame) => /VXLAN|\.4789: /.test(frame)),
    ),
    ofNetwork: show(
      `VXLAN of network ${vni}`,
      frames.filter((frame) => new RegExp(`vni ${vni}\\b`).test(frame)),
    ),
    readable: show(
      `keys of ${tenant} in clear`,
      frames.filter((frame) => frame.includes(`pets:{${tenant}}:`)),
    ),
  };
}

const [network = '', kind = ''] = process.argv.slice(2);
if (network === 'ingress') {
  const frames = await capture(async () => {
    for (const host of hostsOfLab()) for (let request = 0; request < 2; request += 1) await askFor(`http://${host.address}:${kind}/`);
  });
  const seen = summaryOf(frames, vniOf(network), 'dog');
  assert.ok(seen.ofNetwork > 0);
} else {
  const seen = await acrossNetwork(network, network.replace(/net$/, ''));
  if (kind === 'encrypted') assert.deepEqual({ ...seen, esp: seen.esp > 0 }, { esp: true, espTo: 2, vxlan: 0, ofNetwork: 0, readable: 0 });
  else assert.deepEqual([seen.esp, seen.ofNetwork > 0, seen.readable > 0], [0, true, true]);
}
