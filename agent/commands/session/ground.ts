import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { type AwsClients, type AwsClientsOptions, createAwsClients } from '../../aws/clients.ts';
import { createQuota, type Quota } from '../../aws/quota.ts';
import { openSqliteStore } from '../../checkpoint/sqlite-store.ts';
import type { CheckpointStore } from '../../checkpoint/store.ts';
import type { Config } from '../../config/config.ts';
import { proxiesFrom } from '../../config/proxies.ts';
import { readSecret } from '../../config/secret.ts';
import { createLogger, hidingSecrets } from '../../log.ts';
import { createLogRing, logRingPath } from '../../log-ring.ts';
import type { AccountDirectory } from '../../model/account-names.ts';
import { type Clock, systemClock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { ProxyChoice } from '../../model/proxy.ts';
import type { SecretReader } from '../../model/secret.ts';
import { openSearchIndex, type SearchIndex } from '../../search/search-index.ts';
import { openSpool, type Spool } from '../../spool/spool.ts';
import { readVersion } from '../version.ts';
import { metersOf } from './agent-metrics.ts';
import { openAccountNames } from './live-account-names.ts';

export interface GroundOptions {
  readonly config: Config;
  readonly endpointUrl?: string | undefined;
  readonly ownCredentials?: AwsClientsOptions['ownCredentials'];
  /** Absent: a fifth of the published quotas. */
  readonly quota?: Quota;
  /** Absent: that of the machine. */
  readonly clock?: Clock;
}

/** What an agent and everything beside it stand on: files, AWS, log and time. */
export interface Ground {
  readonly config: Config;
  readonly agentId: string;
  readonly version: string;
  /** The name of this process in the store. */
  readonly owner: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly meters: ReturnType<typeof metersOf>;
  readonly store: CheckpointStore;
  readonly index: SearchIndex;
  readonly spool: Spool | undefined;
  readonly clients: AwsClients;
  readonly quota: Quota;
  readonly readSecret: SecretReader;
  readonly proxyFor: ProxyChoice;
  readonly accountNames: AccountDirectory;
  /** The store was damaged and is empty: where every source begins, instead of its `startAt`. */
  readonly resumeAt: string | undefined;
}

// As late as an event may be delivered: a bounded re-read, neither "now" nor everything.
const AFTER_DAMAGE = '-25h';

/** Opens it all; `stack` closes it. */
export async function openGround(options: GroundOptions, stack: AsyncDisposableStack): Promise<Ground> {
  const { config, clock = systemClock, quota = createQuota(clock) } = options;
  const { dataDir, id: agentId, logLevel: level, logFormat: format } = config.agent;
  const { write: copy } = createLogRing(logRingPath(dataDir));
  const logger = createLogger({ level, format, copy });
  const common = {
    ...{ config, agentId, clock, logger, quota, version: readVersion(), random: Math.random },
    ...{ owner: `${agentId}-${randomUUID()}`, meters: metersOf(config) },
    ...{ readSecret: hidingSecrets(readSecret, logger), proxyFor: proxiesFrom(process.env) },
  };
  const files = await openFiles(common, stack);
  const clients = clientsOf(options, common);
  stack.defer(() => clients.close());
  const names = await openAccountNames(config.customers, { clients, clock, logger });
  const { directory: accountNames } = stack.use(names);
  return { ...common, ...files, clients, accountNames };
}

type Common = Pick<
  Ground,
  'config' | 'clock' | 'logger' | 'version' | 'agentId' | 'readSecret' | 'proxyFor' | 'meters'
>;

async function openFiles({ config, clock, logger }: Common, stack: AsyncDisposableStack) {
  const { dataDir, spool: spoolOptions } = config.agent;
  const store = await openSqliteStore({ path: join(dataDir, 'state.db'), clock });
  stack.defer(() => store.close());
  const { opened } = store;
  const isDamaged = opened.kind === 'replaced';
  if (isDamaged) {
    logger.error('the checkpoint store was damaged and is set aside', { code: 'AGT-002', ...opened });
  }
  const index = openSearchIndex({ path: join(dataDir, 'search.db'), clock, ...config.http.searchIndex });
  stack.defer(() => index.close());
  const spool = spoolOptions && (await openSpool(spoolOptions, logger));
  return { store, index, spool, resumeAt: isDamaged ? AFTER_DAMAGE : undefined };
}

function clientsOf({ endpointUrl, ownCredentials }: GroundOptions, common: Common): AwsClients {
  const { clock, version, agentId, proxyFor, readSecret, meters } = common;
  return createAwsClients({
    ...{ clock, version, agentId, proxyFor, readSecret, onCall: meters.calls.answered },
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
    ...(ownCredentials === undefined ? {} : { ownCredentials }),
  });
}
