import { execFileSync } from 'node:child_process';

/** Builds what is older than its sources, as `npm test` does, so that a single file of tests never proves an old build. */
export function ensureBuilt(): void {
  execFileSync(process.execPath, ['bin/prepare.cjs'], { stdio: ['ignore', 'ignore', 'pipe'] });
}
