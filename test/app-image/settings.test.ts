import { expect, it } from 'vitest';
import { parseDatabase, readSettings } from '../../app-image/src/settings.ts';

it.each([
  ['cat-db', 'cat-db', 6379],
  ['host-B:8001', 'host-B', 8001],
  ['192.168.0.12:6379', '192.168.0.12', 6379],
  ['[fd00::1]', 'fd00::1', 6379],
  ['[fe80::1%eth0]:7000', 'fe80::1%eth0', 7000],
  ['db.example.', 'db.example.', 6379],
])('DB=%s is understood', (text, host, port) => {
  expect(parseDatabase(text)).toEqual({ host, port, text });
});

it.each([
  '',
  ':6379',
  'cat-db:',
  'cat-db:0',
  'cat-db:65536',
  'cat-db:6e3',
  'cat db',
  '-db',
  'a:b:c',
  '[]:1',
  '[cat-db]:1',
  '[::1',
  'redis://cat-db',
  'a'.repeat(254),
])('DB=%j is refused with a line that shows the right form', (text) => {
  expect(parseDatabase(text)).toMatch(/^pets: DB is .*for example DB=cat-db:6379$/);
});

it('an instance name is who hits are counted for', () => {
  const reading = readSettings({ DB: 'cat-db', ROLE: 'cat', PETS_INSTANCE: 'cat-web' });
  expect(reading).toMatchObject({ ok: true, settings: { instance: 'cat-web', tenant: 'cat', port: 5000 } });
});
