// The least that can be done: bare HTTP requests to the engine's socket, everything at once that can be at once.
import { request } from 'node:http';

const [socketPath, verb, url] = process.argv.slice(2);

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) };
    const ask = request({ socketPath, method, path: `/v1.41${path}`, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () =>
        answer.statusCode < 400 ? resolve(text && JSON.parse(text)) : reject(new Error(`${method} ${path}: ${text}`)),
      );
    });
    ask.on('error', reject);
    ask.end(payload);
  });
}

function answers200() {
  return new Promise((resolve) => {
    request(url, (answer) => resolve(answer.statusCode === 200))
      .on('error', () => resolve(false))
      .end();
  });
}

async function run(name, wish) {
  await call('POST', `/containers/create?name=${name}`, { ...wish, HostConfig: { NetworkMode: 'catnet', ...wish.HostConfig } });
  await call('POST', `/containers/${name}/start`);
}

if (verb === 'up') {
  await call('POST', '/networks/create', { Name: 'catnet', Driver: 'bridge', CheckDuplicate: true });
  await Promise.all([
    run('cat-db', { Image: 'redis' }),
    run('cat-web', {
      Image: 'pets-console/web',
      Env: ['DB=cat-db', 'ROLE=cat'],
      ExposedPorts: { '5000/tcp': {} },
      HostConfig: { PortBindings: { '5000/tcp': [{ HostPort: '8000' }] } },
    }),
  ]);
  while (!(await answers200())) await new Promise((resolve) => setTimeout(resolve, 10));
} else {
  await Promise.all(['cat-db', 'cat-web'].map((name) => call('DELETE', `/containers/${name}?force=1&v=1`)));
  await call('DELETE', '/networks/catnet');
}
process.exit(0);
