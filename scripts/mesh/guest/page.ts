import { request } from 'node:http';

/** What answered a request for a page. */
export interface Answer {
  readonly status: number | undefined;
  readonly tenant: string | undefined;
  /** The short ID of the container. */
  readonly servedBy: string | undefined;
  readonly counted: string | undefined;
}

/** Asks once, by a connection of its own: one that is kept open stays with the task that it was given to. @throws where nobody answers */
export function askFor(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, timeout: 30_000 }, (response) => {
      const header = (name: string) => response.headers[name]?.toString();
      const answer = {
        status: response.statusCode,
        tenant: header('x-pets-tenant'),
        servedBy: header('x-pets-served-by'),
        counted: header('x-pets-counted'),
      };
      response.resume().on('end', () => resolve(answer));
    });
    asked.on('timeout', () => asked.destroy(new Error(`${url}: silence`)));
    asked.on('error', reject);
    asked.end();
  });
}
