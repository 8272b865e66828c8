import { styleText } from 'node:util';
import { EXIT, PetsError } from '../domain/errors.ts';

/** An error as a person reads it: what is wrong, then the next step. A bug of ours shows its stack. */
export function describeError(error: unknown, version: string, colour: boolean): { readonly text: string; readonly status: number } {
  const paint = (style: 'red' | 'dim', text: string) => (colour ? styleText(style, text, { validateStream: false }) : text);
  if (error instanceof PetsError) {
    const hint = error.hint === undefined ? '' : `  ${paint('dim', error.hint.replaceAll('\n', '\n  '))}\n`;
    return { text: `${paint('red', '✕')} ${error.message}\n${hint}`, status: error.exitStatus };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    text: `${paint('red', '✕')} this is a bug of pets-console ${version} (node ${process.version}); please report it with what follows\n${stack}\n`,
    status: EXIT.bug,
  };
}
