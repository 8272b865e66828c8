import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Unstamped } from '../../src/domain/events.ts';
import { sendHits } from '../../src/observe/send-hits.ts';

/** Strangers at the tenant's address; hits on a real Pets server are sent in `watch-tenant.suite.ts`. */
describe('hits sent to what is no healthy Pets server', () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  });

  const serve = async (listener: RequestListener) => {
    const started = createServer(listener);
    server = started;
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(started.address() as AddressInfo).port}/`;
  };
  const send = async (url: string, count: number, signal = new AbortController().signal) => {
    const events: Unstamped[] = [];
    const sent = await sendHits(
      { id: 'cat', name: 'cat', project: 'bridge', web: 'cat-web', db: 'cat-db', url },
      count,
      (event) => events.push(event),
      signal,
    );
    expect(events).toEqual([{ type: 'hits.sent', ...sent }]);
    return sent;
  };

  it('fail in words when nobody listens', async () => {
    const url = await serve(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    const sent = await send(url, 3);
    expect(sent).toMatchObject({ sent: 3, counted: 0, failed: 3 });
    expect(sent.failure).toMatchObject({ code: 'NOT_READY', message: `${url} did not answer: ECONNREFUSED` });
  });

  it('fail in words when somebody else holds the port', async () => {
    const url = await serve((_, response) => response.end('welcome to nginx'));
    const sent = await send(url, 2);
    expect(sent).toMatchObject({ counted: 0, uncounted: 0, failed: 2, failure: { code: 'PROTOCOL' } });
    expect(sent.failure?.message).toContain('not as a Pets page does');
  });

  it('fail with the status when it is none of a page', async () => {
    const url = await serve((_, response) => response.writeHead(502).end());
    expect((await send(url, 1)).failure?.message).toBe(`${url} answered 502`);
  });

  it('are told apart by what each page says of its count, and always add up', async () => {
    let answered = 0;
    const url = await serve((_, response) => {
      answered += 1;
      response.writeHead(200, { 'x-pets-counted': ['true', 'false', 'uncertain'][answered % 3] }).end();
    });
    expect(await send(url, 300)).toMatchObject({ sent: 300, counted: 100, uncounted: 100, uncertain: 100, failed: 0 });
  });

  it('are no more sent once aborted, and those that were add up', async () => {
    const stop = new AbortController();
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      if (asked <= 50) response.writeHead(200, { 'x-pets-counted': 'true' }).end();
      else stop.abort();
    });
    const sent = await send(url, 10_000, stop.signal);
    expect(sent.sent).toBeLessThan(200);
    expect(sent.counted).toBeLessThanOrEqual(50);
    expect(sent.counted + sent.failed).toBe(sent.sent);
    expect(sent.failure?.code).toBe('INTERRUPTED');
  });
});
