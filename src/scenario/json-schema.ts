import * as z from 'zod';
import { scenarioFileSchema } from './schema.ts';

/** The JSON Schema of a scenario file, made from the one schema that also reads it; editors find it by each file's first line. */
export function scenarioJsonSchema(): object {
  return z.toJSONSchema(scenarioFileSchema, { target: 'draft-2020-12', io: 'input' });
}
