import { describe, expect, it } from 'vitest';
import { isSecret, isSecretOption, namesSecret, withoutSecrets } from '../../src/domain/secrets.ts';

describe('a secret', () => {
  it.each([
    ['POSTGRES_PASSWORD', 'x', true],
    ['github_token', 'x', true],
    ['AWS_SECRET_ACCESS_KEY', 'x', true],
    ['SSH_KEY', 'x', true],
    ['KEY', 'x', true],
    ['BASIC_AUTH', 'x', true],
    ['PGPASS', 'x', false],
    ['DB_PASS', 'x', true],
    ['AUTHOR', 'x', false],
    ['KEYBOARD', 'x', false],
    ['MONKEY', 'x', false],
    ['DB', 'cat-db:6379', false],
    ['URL', 'http://host/path:x@y', false],
    ['URL', 'http://me:pw@host/', true],
  ])('is known of %s=%s: %s', (name, value, secret) => {
    expect(isSecret(name, value)).toBe(secret);
  });

  it('is known by the name of a field, in the spelling of code', () => {
    for (const name of ['apiKey', 'privateKey', 'accessKey', 'joinToken', 'dbPass', 'requirepass']) expect(namesSecret(name)).toBe(true);
    for (const name of ['key', 'passed', 'author', 'host', 'compass', 'monkeyKeys']) expect(namesSecret(name)).toBe(false);
  });

  it('is the word after an option that names one', () => {
    for (const option of ['--requirepass', '--masterauth', '--api-token', '-pass', '--dbpass']) expect(isSecretOption(option)).toBe(true);
    for (const option of ['--passive', '--port', 'password', '-p']) expect(isSecretOption(option)).toBe(false);
  });

  it.each([
    ["docker run -e DB_PASSWORD='hunter2 !' -e DB=cat-db x", 'docker run -e DB_PASSWORD=* -e DB=cat-db x'],
    ["docker run -e 'DB_PASSWORD=hunter2 !' -e 'ROLE=a b' x", "docker run -e 'DB_PASSWORD=*' -e 'ROLE=a b' x"],
    ['redis-server --requirepass hunter2 --port 1', 'redis-server --requirepass * --port 1'],
    ['redis-server --requirepass "$REQUIREPASS" --port 1', 'redis-server --requirepass "$REQUIREPASS" --port 1'],
    ['app --api-token=abc --port=1', 'app --api-token=* --port=1'],
    ['app --api-token="$API_TOKEN" --port=1', 'app --api-token="$API_TOKEN" --port=1'],
    ['docker swarm join --token SWMTKN-1-49nj1-x 10.0.0.1:2377', 'docker swarm join --token * 10.0.0.1:2377'],
    ['it says SWMTKN-1-49nj1-x', 'it says *'],
    ['DB is redis://me:pw@db:6379', 'DB is redis://me:*@db:6379'],
    ['run cat-web on host-A, KEYBOARD=us', 'run cat-web on host-A, KEYBOARD=us'],
  ])('is taken out of %s', (text, shown) => {
    expect(withoutSecrets(text, '*')).toBe(shown);
  });

  it('is looked for in time that grows with the text alone', () => {
    const start = performance.now();
    withoutSecrets('a'.repeat(500_000), '*');
    withoutSecrets(`'${'-a'.repeat(250_000)}`, '*');
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
