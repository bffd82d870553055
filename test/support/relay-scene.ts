import { copyFileSync, existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';

import type { Config } from '../../agent/config/config.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import type { Place } from '../../agent/localaws/service.ts';
import { OWN_SCOPE, readerScope } from './aws-clients.ts';
import { ACCOUNT, HOME, startTestAws, type TestAws } from './local-aws.ts';
import { networkRest } from './network-rest.ts';
import { type AgentSetup, type RunningAgent, startAgent } from './running-agent.ts';
import type { PageOrder } from './scenario.ts';
import { startTestSiem, type TestSiem } from './test-siem.ts';
import { createVirtualClock } from './virtual-clock.ts';

export const GROUP = '/aws/events/guardrelay';
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** A customer of the scene; `settings` are options of the configuration file. */
export interface SceneCustomer {
  readonly id: string;
  readonly account: string;
  readonly regions: 'enabled' | readonly string[];
  readonly settings?: object;
}

export interface SceneOptions {
  /** Absent: sorted. */
  readonly pages?: PageOrder;
  readonly customers?: readonly SceneCustomer[];
  /** What a step of time waits for; absent: the network. */
  readonly rest?: () => Promise<void>;
  /** Options of the agent. */
  readonly agent?: object;
  /** Options of the destination `siem`, beside those that both have. */
  readonly siem?: object;
  /** Channels by which people are told. */
  readonly notify?: readonly object[];
}

/** A destination of every customer; a SIEM's `url`. */
interface SceneDestination {
  readonly id: string;
  readonly url: string;
}

interface StartOptions extends Pick<AgentSetup, 'wrap' | 'readSecret' | 'logger' | 'noticed'> {
  /** Absent: `siem` and `lake`. */
  readonly destinations?: readonly SceneDestination[];
  /** Directory of the store; absent: the scene's own. */
  readonly directory?: string;
}

interface SceneAgent extends RunningAgent {
  /** As on SIGKILL: answers with the directory of the store as it stood at that moment. */
  kill(): Promise<string>;
}

/** The agent as users run it, with the real AWS clients, a store in a file and SIEMs on sockets. Only time is made up. */
export interface RelayScene extends Pick<TestAws, 'aws' | 'clock'> {
  readonly siem: TestSiem;
  readonly lake: TestSiem;
  /** Directory of the store. */
  readonly directory: string;
  start(options?: StartOptions): Promise<SceneAgent>;
  /** Copies the store's files as a crash at this moment would leave them. */
  image(): string;
  /** Lets time pass until this holds; throws when it does not within `limitMs`. */
  until(what: string, holds: () => boolean, limitMs?: number): Promise<void>;
}

export const ACME: SceneCustomer = { id: 'acme', account: ACCOUNT, regions: [HOME.region] };

/** Sets an embedded AWS with these customers, and two SIEMs; everything ends with the test. */
export async function setScene(t: Test, options: SceneOptions = {}): Promise<RelayScene> {
  const test = await startTestAws(t, createVirtualClock(undefined, options.rest ?? networkRest));
  if (options.pages === 'unsorted') test.aws.world.faults.add({ effect: { kind: 'unsorted' } });
  const [siem, lake] = [await startTestSiem(t), await startTestSiem(t)];
  const root = t.testdir({ store: {} });
  const directory = join(root, 'store');
  const customers = (options.customers ?? [ACME]).map((customer) => writtenCustomer(test, customer));
  const both: readonly SceneDestination[] = [
    { id: 'siem', url: siem.url, ...options.siem },
    { id: 'lake', url: lake.url },
  ];
  let agents = 0;

  function image(from = directory): string {
    const copy = mkdtempSync(join(root, 'image-'));
    for (const name of ['state.db', 'state.db-wal', 'notices.db', 'notices.db-wal']) {
      if (existsSync(join(from, name))) copyFileSync(join(from, name), join(copy, name));
    }
    return copy;
  }

  async function start(wishes: StartOptions = {}): Promise<SceneAgent> {
    const { directory: dataDir = directory, destinations = both, ...setup } = wishes;
    agents += 1;
    const config = configOf(
      { id: 'relay-1', dataDir, ...options.agent },
      customers,
      destinations,
      options.notify,
    );
    const agent = await startAgent(t, test, { ...setup, config, owner: `agent-${agents}` });
    const kill = async (): Promise<string> => {
      const left = image(dataDir);
      // What it does while it ends reaches nobody.
      for (const each of [siem, lake]) each.isGone = true;
      await agent.stop();
      for (const each of [siem, lake]) each.isGone = false;
      return left;
    };
    return { ...agent, kill };
  }

  async function until(what: string, holds: () => boolean, limitMs = 10 * MINUTE_MS): Promise<void> {
    const deadline = test.clock.now() + limitMs;
    while (!holds()) {
      if (test.clock.now() >= deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
      await test.clock.advance(SECOND_MS);
    }
  }

  return { ...test, siem, lake, directory, image, start, until };
}

/** Opens the account, and reads it as the agent itself or, where it is another's, by the reader role. */
function writtenCustomer(test: TestAws, { id, account, regions, settings }: SceneCustomer): object {
  const { auth } = account === ACCOUNT ? OWN_SCOPE : readerScope(test, account);
  return { id, auth, accounts: { collect: [account] }, regions, ...settings };
}

function configOf(
  agent: object,
  customers: readonly object[],
  destinations: readonly SceneDestination[],
  notify: readonly object[] = [],
): Config {
  const ids = destinations.map(({ id }) => id);
  const common = { type: 'webhook', format: 'json', insecureTransport: true, batch: { maxWaitMs: 100 } };
  const parsed = parseConfig(
    JSON.stringify({
      version: 1,
      agent,
      // Most scenes have a log group and nothing that writes to it.
      defaults: { heartbeat: { canary: { enabled: false } }, health: { plumbingMinutes: 0 } },
      customers: customers.map((customer) => ({ destinations: ids, ...customer })),
      destinations: destinations.map((each) => ({ ...common, ...each })),
      notify,
    }),
    {},
  );
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
  return parsed.config;
}

/** A log group of a place; absent: the one that customers have unless they say otherwise. */
interface GroupPlace extends Place {
  readonly group?: string | undefined;
}

/** Writes a finding for each id into a place's log group: now, or at these times. */
export function putFindings(
  { aws, clock }: Pick<RelayScene, 'aws' | 'clock'>,
  { group = GROUP, ...place }: GroupPlace,
  ids: readonly string[],
  timeOf: (index: number) => number = clock.now,
): void {
  const events = ids.map((id, index) => ({ timestamp: timeOf(index), message: finding(id, place) }));
  aws.logs.insert(place, group, events);
}

/** Ids for so many events. */
export function idsOf(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index}`);
}

/** The text of a log event. */
export function finding(id: string, { account, region }: Place): string {
  const arn = `arn:aws:guardduty:${region}:${account}:detector/d/finding/${id}`;
  return JSON.stringify({
    id,
    'detail-type': 'GuardDuty Finding',
    source: 'aws.guardduty',
    ...{ account, region },
    detail: { accountId: account, arn, id, type: 'Recon:EC2/Portscan', severity: 5, service: {} },
  });
}
