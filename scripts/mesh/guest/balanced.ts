// balanced SERVICE NETWORK PORT TASKS: requests at each host are spread evenly over all tasks.
import assert from 'node:assert/strict';
import { hostsOfLab, tasksOf } from './lab.ts';
import { askFor } from './page.ts';

const ROUNDS = 4;
const [service = '', network = '', port = '', wished = ''] = process.argv.slice(2);
const tasks = tasksOf(service, network);
console.log(`tasks on ${tasks.map(({ host }) => host.name)}`);
assert.equal(tasks.length, Number(wished));
for (const host of hostsOfLab()) {
  const counts = new Map(tasks.map(({ container }) => [container.slice(0, 12), 0]));
  for (let request = 0; request < ROUNDS * tasks.length; request += 1) {
    const { status, servedBy = '' } = await askFor(`http://${host.address}:${port}/`);
    assert.equal(status, 200);
    counts.set(servedBy, (counts.get(servedBy) ?? 0) + 1);
  }
  console.log(`${host.name}: ${[...counts].map(([container, count]) => `${container} ${count}`).join(', ')}`);
  // Each in turn; one more or less, should the engine have told the kernel of a task in between.
  for (const count of counts.values()) assert.ok(Math.abs(count - ROUNDS) <= 1);
  assert.equal(counts.size, tasks.length);
}
