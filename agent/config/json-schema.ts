import { z } from 'zod';

import { configuration } from './config.ts';

/** JSON Schema of the configuration file; draft-07, because the YAML language server reads that and older. */
export function configurationJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(configuration, { target: 'draft-7', io: 'input' }), null, 2)}\n`;
}
