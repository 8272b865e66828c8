import { fromPlanToDown } from './scenario-trial.ts';
import type { MeshCommand, MeshTrial } from './trial.ts';

/** The lab that every trial finds. What its first commands say names the versions in the record. */
export const LAB_UP: MeshTrial = {
  name: 'lab-up',
  shows: 'two engines in the machine',
  commands: [
    { name: 'kernel', line: 'uname -r', withinS: 10 },
    { name: 'node', line: 'node --version', withinS: 20 },
    { name: 'lab', line: 'pets-console lab up --engines 2', withinS: 900 },
    { name: 'docker', line: "engine host-A version --format '{{.Server.Version}}'", withinS: 30 },
  ],
};

export const LAB_DOWN: MeshTrial = {
  name: 'lab-down',
  shows: 'nothing of them stays',
  commands: [{ name: 'lab', line: 'pets-console lab down', withinS: 60 }],
};

/** What `npm run test:mesh` runs in the machine, in this order, on a lab of two hosts that is made first and removed last. */
export const TRIALS: readonly MeshTrial[] = [
  fromPlanToDown('macvlan-vlan', {
    shows: 'the engines make the sub-interfaces of VLAN 10, and what crosses the wire between their containers is tagged',
    before: [
      // The module is on disk and not loaded yet, which no container can tell: that must not keep anyone from it.
      { name: 'doctor', line: 'test ! -e /sys/module/8021q && pets-console doctor macvlan-vlan', withinS: 60 },
      // Who is not in the VLAN reaches nobody there: the console's machine takes a seat in it, as its user would.
      {
        name: 'seat',
        line: 'ip link add link pets-lab name vlan10 type vlan id 10 && ip address add 10.10.10.254/24 dev vlan10 && ip link set vlan10 up',
        withinS: 20,
      },
    ],
    standing: [
      {
        name: 'sub-interfaces',
        line: 'on host-A ip -details link show eth0.10 && on host-B ip -details link show eth0.10',
        withinS: 20,
        says: [/(?:protocol 802\.1Q id 10.*){2}/s],
      },
      {
        name: 'tagged-frames',
        line: "capture 'vlan 10,.* 10.10.10.4.* > 10.10.10.5.6379' page http://10.10.10.4:5000/",
        withinS: 60,
      },
    ],
    after: [
      { name: 'no-sub-interface', line: '! on host-A ip link show eth0.10 && ! on host-B ip link show eth0.10', withinS: 20 },
      { name: 'seat-left', line: 'ip link delete vlan10', withinS: 20 },
    ],
  }),
  fromPlanToDown('overlay', {
    shows: 'virtual IPs, tasks.dog-web, the routing mesh on a host without a task, load balancing',
    project: 'pets',
    standing: [
      check('every-host dog-web dognet 8000'),
      check('virtual-ip dog-web dognet'),
      {
        name: 'scale',
        line: 'pets-console up overlay --scale dog-web=3 --json',
        withinS: 300,
        says: [/"type":"run\.finished".*"ok":true/],
      },
      check('balanced dog-web dognet 8000 3'),
      { ...check('virtual-ip dog-web dognet'), name: 'virtual-ip-of-three' },
    ],
  }),
  fromPlanToDown('overlay-tenants', {
    shows: 'a second tenant and an admin beside the first, whose task goes on; what crosses the underlay is VXLAN that anyone can read',
    project: 'pets',
    before: [
      { name: 'one-tenant', line: 'pets-console up overlay --scale dog-web=2 --json', withinS: 300 },
      { name: 'its-tasks', line: 'engine host-A service ps dog-web --quiet | sort | tee /tmp/tasks', withinS: 30 },
    ],
    flags: '--scale dog-web=2',
    standing: [
      { name: 'tasks-survive', line: 'engine host-A service ps dog-web --quiet | sort | diff /tmp/tasks -', withinS: 30 },
      check('every-host cat-web catnet 9000'),
      check('wire dognet plain'),
    ],
  }),
  fromPlanToDown('overlay-encrypted', {
    shows: 'what crosses the underlay between tenants is ESP, nothing of it VXLAN; what comes by the routing mesh is VXLAN all the same',
    flags: '--scale dog-web=2',
    before: [{ name: 'no-esp', line: 'test ! -e /sys/module/esp4', withinS: 10 }],
    standing: [check('wire dognet encrypted'), check('wire ingress 8000')],
  }),
];

/** One of the programs in `guest/`, which say what they saw and fail where it is not as it should be. */
function check(line: string): MeshCommand {
  const [program = '', ...words] = line.split(' ');
  return { name: [program, ...words.slice(0, 2)].join('-'), line: `node /payload/guest/${program}.ts ${words.join(' ')}`, withinS: 120 };
}
