import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type OpenSearch, startOpenSearch } from './opensearch.ts';
import { type OtelCollector, startOtelCollector } from './otel-collector.ts';
import { startVictoriaLogs, type VictoriaLogs } from './victoria-logs.ts';

/** Servers that others wrote for what guardrelay sends by HTTP, and a folder for everything. */
export interface HttpsReceivers {
  readonly directory: string;
  readonly victoriaLogs: VictoriaLogs;
  readonly collector: OtelCollector;
  readonly openSearch: OpenSearch;
  /** Ends all of them and starts them again, each in the hardest way that what it confirmed outlives. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openHttpsReceivers(): Promise<HttpsReceivers> {
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
  const [victoriaLogs, collector, openSearch] = await Promise.all([
    startVictoriaLogs(directory),
    startOtelCollector(directory),
    startOpenSearch(directory),
  ]);
  const all = [victoriaLogs, collector, openSearch];

  return {
    directory,
    victoriaLogs,
    collector,
    openSearch,
    async restart() {
      // VictoriaLogs confirms what it writes to disk up to five seconds later.
      await Promise.all([victoriaLogs.stop(), collector.kill(), openSearch.kill()]);
      await Promise.all(all.map((server) => server.start()));
    },
    async close() {
      await Promise.all(all.map((server) => server.stop()));
      await rm(directory, { recursive: true });
    },
  };
}
