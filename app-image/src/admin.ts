import { createAdminServer } from './admin-server.ts';
import { refuseToServe, serve } from './serve.ts';
import { type AdminSettings, readAdminSettings } from './settings.ts';
import { TenantDatabases } from './tenant-databases.ts';

const reading = readAdminSettings(process.env);
if (reading.ok) serveAdmin(reading.settings);
else refuseToServe(reading.line);

function serveAdmin({ databases: named, port, instance }: AdminSettings): void {
  const databases = new TenantDatabases(named);
  const texts = named.map(({ text }) => text).join(', ');
  serve(
    createAdminServer(databases, instance),
    port,
    () => {
      console.log(`pets: admin listens on port ${port}, databases ${texts}`);
      void databases.begun().then(() => console.log(readyLine(databases)));
    },
    () => databases.close(),
  );
}

/** The console waits for this line: with one database away the page of the others is ready all the same. */
function readyLine({ views }: TenantDatabases): string {
  const away = views.filter(({ state }) => state === 'away').map(({ database, why }) => `${database.text} (${why})`);
  const answering = `${views.length - away.length} of ${views.length} databases answer`;
  return `pets: admin is ready, ${answering}${away.length === 0 ? '' : `; away: ${away.join(', ')}`}`;
}
