import { join } from 'node:path';
import { refuseToServe, serve } from './serve.ts';
import { readSettings, type Settings } from './settings.ts';
import { createWebServer } from './web-server.ts';

const reading = readSettings(process.env);
if (reading.ok) serveWeb(reading.settings);
else refuseToServe(reading.line);

/** Listens first and loads the rest behind it: with or without its database, the port answers at once. */
function serveWeb(settings: Settings): void {
  const counter = import('./counter.ts').then(({ HitCounter }) => new HitCounter(settings.database, settings.tenant, settings.instance));
  const pictures = import('./pictures.ts').then(({ loadPictures }) => loadPictures(join(import.meta.dirname, 'pictures'), settings.tenant));
  const { port, tenant, database } = settings;
  serve(
    createWebServer({ settings, counter, pictures }),
    port,
    () => console.log(`pets: ${tenant} listens on port ${port}, database ${database.text}`),
    async () => (await counter).close(),
  );
}
