import { copyFileSync, existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';

import { createQuota } from '../../agent/aws/quota.ts';
import { openSqliteStore } from '../../agent/checkpoint/sqlite-store.ts';
import type { CheckpointStore } from '../../agent/checkpoint/store.ts';
import type { Config } from '../../agent/config/config.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { overview, type SourceRow } from '../../agent/health/overview.ts';
import type { Place } from '../../agent/localaws/service.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { type Agent, createAgent } from '../../agent/relay/agent.ts';
import { openSearchIndex } from '../../agent/search/search-index.ts';
import { clientsOf, OWN_SCOPE, readerScope } from './aws-clients.ts';
import { ACCOUNT, HOME, startTestAws, type TestAws } from './local-aws.ts';
import { networkRest } from './network-rest.ts';
import { startTestSiem, type TestSiem } from './test-siem.ts';
import { createVirtualClock } from './virtual-clock.ts';

export const GROUP = '/aws/events/guardrelay';
const SECOND_MS = 1_000;

/** A customer of the scene; `settings` are options of the configuration file. */
export interface SceneCustomer {
  readonly id: string;
  readonly account: string;
  readonly regions: 'enabled' | readonly string[];
  readonly settings?: object;
}

export interface SceneOptions {
  readonly customers?: readonly SceneCustomer[];
  /** Options of the destination `siem`, beside those that both have. */
  readonly siem?: object;
}

interface StartOptions {
  /** Directory of the store; absent: the scene's own. */
  readonly directory?: string;
  /** Puts a store of the test's in front of the real one. */
  wrap?(store: CheckpointStore): CheckpointStore;
}

interface RunningAgent {
  readonly agent: Agent;
  readonly store: CheckpointStore;
  /** What `status` shows, problems first. */
  health(): readonly SourceRow[];
  /** As on SIGTERM. */
  stop(): Promise<void>;
  /** As on SIGKILL: answers with the directory of the store as it stood at that moment. */
  kill(): Promise<string>;
}

/** The agent as users run it, with the real AWS clients, a store in a file and SIEMs on sockets. Only time is made up. */
export interface RelayScene extends Pick<TestAws, 'aws' | 'clock'> {
  readonly siem: TestSiem;
  readonly lake: TestSiem;
  /** Directory of the store. */
  readonly directory: string;
  start(options?: StartOptions): Promise<RunningAgent>;
  /** Copies the store's files as a crash at this moment would leave them. */
  image(): string;
  /** Lets time pass until this holds; throws when it does not within `limitMs`. */
  until(what: string, holds: () => boolean, limitMs?: number): Promise<void>;
}

export const ACME: SceneCustomer = { id: 'acme', account: ACCOUNT, regions: [HOME.region] };

export async function setScene(t: Test, options: SceneOptions = {}): Promise<RelayScene> {
  const { customers = [ACME], siem: siemOptions = {} } = options;
  const test = await startTestAws(t, createVirtualClock(undefined, networkRest));
  const [siem, lake] = [await startTestSiem(t), await startTestSiem(t)];
  const root = t.testdir({ store: {} });
  const directory = join(root, 'store');
  const written = customers.map((customer) => writtenCustomer(test, customer));
  let agents = 0;

  function image(from = directory): string {
    const copy = mkdtempSync(join(root, 'image-'));
    for (const name of ['state.db', 'state.db-wal']) {
      if (existsSync(join(from, name))) copyFileSync(join(from, name), join(copy, name));
    }
    return copy;
  }

  async function start({
    directory: at = directory,
    wrap = (store) => store,
  }: StartOptions = {}): Promise<RunningAgent> {
    agents += 1;
    const { clock } = test;
    const store = await openSqliteStore({ path: join(at, 'state.db'), clock, commitWaitMs: 0 });
    const index = openSearchIndex({ path: join(at, 'search.db'), clock, keepDays: 7, maxMegabytes: 64 });
    const agent = createAgent({
      ...{ clock, index, logger: silentLogger, random: () => 0.5, once: false },
      config: configOf(at, written, [
        { id: 'siem', url: siem.url, ...siemOptions },
        { id: 'lake', url: lake.url },
      ]),
      clients: clientsOf(t, test),
      quota: createQuota(clock),
      store: wrap(store),
      readSecret: async (reference) => reference,
      owner: `agent-${agents}`,
      resumeAt: store.opened.kind === 'replaced' ? '-25h' : undefined,
    });
    const stopping = new AbortController();
    const ran = agent.run(stopping.signal);
    // A failure shows when the agent is stopped.
    ran.catch(() => {});

    async function stop(): Promise<void> {
      stopping.abort();
      let ended = false;
      const end = (): void => {
        ended = true;
      };
      ran.then(end, end);
      while (!ended) await clock.advance(SECOND_MS);
      await store.close();
      index.close();
      await ran;
    }

    async function kill(): Promise<string> {
      const left = image(at);
      for (const each of [siem, lake]) each.isGone = true;
      await stop();
      for (const each of [siem, lake]) each.isGone = false;
      return left;
    }

    return { agent, store, stop, kill, health: () => overview(agent.observed(), clock.now()).sources };
  }

  async function until(what: string, holds: () => boolean, limitMs = 600 * SECOND_MS): Promise<void> {
    const deadline = test.clock.now() + limitMs;
    while (!holds()) {
      if (test.clock.now() >= deadline) throw new Error(`not within ${limitMs / SECOND_MS} s: ${what}`);
      await test.clock.advance(SECOND_MS);
    }
  }

  return { ...test, siem, lake, directory, image, start, until };
}

/** Opens the account, and reads it as the agent itself or, where it is another's, by the reader role. */
function writtenCustomer(test: TestAws, { id, account, regions, settings }: SceneCustomer): object {
  const { auth } = account === ACCOUNT ? OWN_SCOPE : readerScope(test, account);
  return { id, auth, accounts: { collect: [account] }, regions, destinations: ['siem', 'lake'], ...settings };
}

function configOf(dataDir: string, customers: readonly object[], destinations: readonly object[]): Config {
  const common = { type: 'webhook', format: 'json', insecureTransport: true, batch: { maxWaitMs: 100 } };
  const parsed = parseConfig(
    JSON.stringify({
      version: 1,
      agent: { id: 'relay-1', dataDir },
      customers,
      destinations: destinations.map((each) => ({ ...common, ...each })),
    }),
    {},
  );
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
  return parsed.config;
}

/** Writes a finding for each id into a place's log group: now, or at these times. */
export function putFindings(
  { aws, clock }: Pick<RelayScene, 'aws' | 'clock'>,
  place: Place,
  ids: readonly string[],
  timeOf: (index: number) => number = clock.now,
): void {
  const events = ids.map((id, index) => ({ timestamp: timeOf(index), message: finding(id, place) }));
  aws.logs.insert(place, GROUP, events);
}

/** Ids for so many events. */
export function idsOf(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index}`);
}

function finding(id: string, { account, region }: Place): string {
  const arn = `arn:aws:guardduty:${region}:${account}:detector/d/finding/${id}`;
  return JSON.stringify({
    id,
    'detail-type': 'GuardDuty Finding',
    source: 'aws.guardduty',
    ...{ account, region },
    detail: { accountId: account, arn, id, type: 'Recon:EC2/Portscan', severity: 5, service: {} },
  });
}
