import { z } from 'zod';

import { configuration } from './config.ts';

/** JSON Schema of the configuration file; draft-07, because the YAML language server reads that and older. */
export function configurationJsonSchema(): string {
  const schema = z.toJSONSchema(configuration, {
    target: 'draft-7',
    io: 'input',
    override({ jsonSchema }) {
      // The bound of every integer in JavaScript says nothing to a person.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
