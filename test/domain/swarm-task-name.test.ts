import { expect, test } from 'vitest';
import { isOfEndedTask, isOfTask, taskNameOf } from '../../src/domain/swarm-task-name.ts';

const labels = (service: string, task: string) => ({ 'com.docker.swarm.service.name': service, 'com.docker.swarm.task.name': task });

test('the container of a task is called by its slot, of a global service by the service', () => {
  expect(taskNameOf(labels('dog-web', 'dog-web.2.ig75v9u2gj64dv0gs29trcwc5'))).toBe('dog-web.2');
  expect(taskNameOf(labels('dog-web', 'dog-web.hyxzqk4j0h2hwiufu9vsfdvhb.ig75v9u2gj64dv0gs29trcwc5'))).toBe('dog-web');
  // A service's name may end as a slot does.
  expect(taskNameOf(labels('web.1', 'web.1.3.ig75v9u2gj64dv0gs29trcwc5'))).toBe('web.1.3');
  expect(isOfTask(labels('dog-web', 'dog-web.2.x'))).toBe(true);
});

test('any other container is called by its own name, whatever that looks like', () => {
  expect(taskNameOf({})).toBeUndefined();
  expect(isOfTask({ 'pets-console.resource': 'container/dog-web.1.x' })).toBe(false);
});

test('of how a project stands an ended task tells nothing, an ended container of ours does', () => {
  const ours = (resource: string) => ({ 'pets-console.project': 'pets', 'pets-console.resource': resource });
  expect(isOfEndedTask({ labels: ours('service/dog-web'), state: 'exited' })).toBe(true);
  expect(isOfEndedTask({ labels: ours('service/dog-web'), state: 'running' })).toBe(false);
  expect(isOfEndedTask({ labels: ours('container/dog-web'), state: 'exited' })).toBe(false);
});
