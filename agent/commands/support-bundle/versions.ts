import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { SCHEMA, storedSchema } from '../../checkpoint/schema.ts';
import { loadTemplate, TEMPLATE_NAMES } from '../../deploy/template.ts';
import { readVersion } from '../version.ts';

/** Of everything that comes in versions. */
export async function versions(dataDir: string): Promise<object> {
  const templates = TEMPLATE_NAMES.map(async (name) => {
    const { version, sha256 } = await loadTemplate(name);
    return [name, { version, sha256 }];
  });
  return {
    guardrelay: readVersion(),
    node: process.version,
    components: process.versions,
    store: { writes: SCHEMA, found: foundSchema(join(dataDir, 'state.db')) },
    templates: Object.fromEntries(await Promise.all(templates)),
  };
}

/** Undefined: there is no store, or it cannot be read. */
function foundSchema(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return storedSchema(database);
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}
