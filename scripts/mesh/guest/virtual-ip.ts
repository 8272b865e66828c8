// virtual-ip SERVICE NETWORK: inside a task the service's name is its virtual IP, which answers; tasks.SERVICE is the tasks' own addresses.
import assert from 'node:assert/strict';
import { balancedIn, docker, inTask, manager, networkId, tasksOf, words } from './lab.ts';

const [service = '', network = ''] = process.argv.slice(2);
const id = networkId(network);
const virtualIps = docker(
  manager(),
  'service',
  'inspect',
  '--format',
  '{{range .Endpoint.VirtualIPs}}{{.NetworkID}}={{.Addr}} {{end}}',
  service,
);
const virtualIp = words(virtualIps)
  .find((each) => each.startsWith(`${id}=`))
  ?.replace(/^.*=|\/\d+$/g, '');
const tasks = tasksOf(service, network);
const [asking] = tasks;
if (asking === undefined || virtualIp === undefined) throw new Error(`${service} has no task or no virtual IP on ${network}`);

const lookUp = `
import { resolve4 } from 'node:dns/promises';
console.log(JSON.stringify([await resolve4('${service}'), await resolve4('tasks.${service}')]));
`;
const [ofService, ofTasks] = JSON.parse(inTask(asking, lookUp)) as [string[], string[]];
console.log(
  `virtual IP ${virtualIp}; ${service} is ${ofService}; tasks.${service} is ${ofTasks}; tasks ${tasks.map(({ address }) => address)}`,
);
assert.deepEqual(ofService, [virtualIp]);
assert.deepEqual([...ofTasks].sort(), tasks.map(({ address }) => address).sort());
assert.ok(!ofTasks.includes(virtualIp));

const balancer = `lb_${id.slice(0, 9)}`;
const before = balancedIn(asking.host, balancer);
const nonce = `n${Date.now()}`;
const ask = `
const { status, headers } = await fetch('http://${virtualIp}:5000/livez', { headers: { 'x-pets-nonce': '${nonce}' } });
console.log(JSON.stringify([status, headers.get('x-pets-nonce'), headers.get('x-pets-served-by')]));
`;
const [status, echoed, servedBy] = JSON.parse(inTask(asking, ask)) as [number, string, string];
const after = balancedIn(asking.host, balancer);
console.log(`http://${virtualIp}:5000 answers ${status} by ${servedBy}; balanced ${JSON.stringify(before)} to ${JSON.stringify(after)}`);
assert.equal(status, 200);
assert.equal(echoed, nonce);
assert.ok(tasks.some(({ container }) => container.startsWith(servedBy)));
assert.ok(after.connections > before.connections);
assert.ok(after.answers > before.answers);
