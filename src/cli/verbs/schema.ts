import { EXIT, PetsError } from '../../domain/errors.ts';
import { hostsJsonSchema } from '../../hosts/hosts-file.ts';
import { scenarioJsonSchema } from '../../scenario/json-schema.ts';
import type { VerbAction } from '../verb.ts';

const SCHEMAS: Readonly<Record<string, () => object>> = { scenario: scenarioJsonSchema, hosts: hostsJsonSchema };

/** Prints the JSON Schema of a kind of file. */
export const schema: VerbAction = async ([kind = ''], _flags, { stdout }) => {
  const make = Object.hasOwn(SCHEMAS, kind) ? SCHEMAS[kind] : undefined;
  if (make === undefined) {
    const message = `kind '${kind}' is not known; kinds: ${Object.keys(SCHEMAS).join(', ')}`;
    throw new PetsError('BAD_USAGE', { message, hint: 'pets-console schema scenario' });
  }
  stdout.write(`${JSON.stringify(make(), undefined, 2)}\n`);
  return EXIT.ok;
};
