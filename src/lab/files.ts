import { access, constants } from 'node:fs/promises';

/** Whether a path can be reached, as a file, a folder or a socket. */
export function exists(path: string): Promise<boolean> {
  return canAccess(path, constants.F_OK);
}

/** Whether a path can be run. */
export function isExecutable(path: string): Promise<boolean> {
  return canAccess(path, constants.X_OK);
}

async function canAccess(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}
