import { dirname, join, resolve } from 'node:path';

/** A path as a file at `filePath` means it: relative to that file, or below the home folder where it begins with `~/`. */
export function pathBeside(filePath: string, text: string, home: string): string {
  return text.startsWith('~/') ? join(home, text.slice(2)) : resolve(dirname(filePath), text);
}
