import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { type Canaries, createCanaries } from '../../relay/canaries.ts';
import { readStore } from './read-store.ts';

/** Those of the agent that uses this data directory; undefined: none has run. */
export async function storeCanaries(dataDir: string, agentId: string): Promise<Canaries | undefined> {
  if (!existsSync(join(dataDir, 'state.db'))) return undefined;
  return createCanaries(await readStore(dataDir, (store) => store.secret()), agentId);
}
