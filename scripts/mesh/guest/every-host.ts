// every-host SERVICE NETWORK PORT: the only task of a service answers on every host, also where it does not run, and the kernel balanced that.
import assert from 'node:assert/strict';
import { balancedIn, hostsOfLab, onlyTaskOf } from './lab.ts';
import { askFor } from './page.ts';

const [service = '', network = '', port = ''] = process.argv.slice(2);
const task = onlyTaskOf(service, network);
for (const host of hostsOfLab()) {
  const before = balancedIn(host, 'ingress_sbox');
  const answer = await askFor(`http://${host.address}:${port}/`);
  const after = balancedIn(host, 'ingress_sbox');
  const runs = host.name === task.host.name ? 'runs the task' : 'runs no task';
  console.log(`${host.name}, which ${runs}: ${JSON.stringify(answer)}, balanced ${JSON.stringify(before)} to ${JSON.stringify(after)}`);
  assert.equal(answer.status, 200);
  assert.equal(answer.servedBy, task.container.slice(0, 12));
  assert.ok(after.connections > before.connections);
  assert.ok(after.answers > before.answers);
}
