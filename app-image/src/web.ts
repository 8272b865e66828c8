import { join } from 'node:path';
import { readSettings, type Settings } from './settings.ts';
import { createWebServer } from './web-server.ts';

const BAD_SETTINGS_STATUS = 2;
/** Requests in flight get this long once the container is told to stop. */
const GRACE_MS = 600;

const reading = readSettings(process.env);
if (reading.ok) {
  serve(reading.settings);
} else {
  console.error(reading.line);
  process.exitCode = BAD_SETTINGS_STATUS;
}

/** Listens first and loads the rest behind it: with or without its database, the port answers at once. */
function serve(settings: Settings): void {
  const counter = import('./counter.ts').then(({ HitCounter }) => new HitCounter(settings.database, settings.tenant, settings.instance));
  const pictures = import('./pictures.ts').then(({ loadPictures }) => loadPictures(join(import.meta.dirname, 'pictures'), settings.tenant));
  const server = createWebServer({ settings, counter, pictures });
  server.on('error', (error: NodeJS.ErrnoException) => {
    console.error(`pets: cannot listen on port ${settings.port}: ${error.code ?? error.message}`);
    process.exit(1);
  });
  server.listen(settings.port, () =>
    console.log(`pets: ${settings.tenant} listens on port ${settings.port}, database ${settings.database.text}`),
  );

  const stop = async () => {
    server.close();
    setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
    (await counter).close();
  };
  // As process 1 of a container Node would ignore both signals otherwise.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
}
