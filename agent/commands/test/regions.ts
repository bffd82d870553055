import { join } from 'node:path';
import type { CredentialScope } from '../../aws/credential-scope.ts';
import { createLogsReader } from '../../aws/logs-reader.ts';
import type { ResolvedCustomer } from '../../config/config.ts';
import { scopeOf } from '../../discover/customer.ts';
import type { FoundSource } from '../../discover/sources.ts';
import type { RenderableRec } from '../../model/record.ts';
import { sourceKey } from '../../model/source.ts';
import { passes } from '../../relay/destination.ts';
import { discoverCustomer } from '../../relay/discover-customer.ts';
import { routesTo } from '../../relay/routes.ts';
import { createSourceAccess } from '../../relay/source-access.ts';
import { openSearchIndex, type SearchIndex } from '../../search/search-index.ts';
import { type OneOffSession, openOneOff } from '../session/one-off-session.ts';
import { changeStore } from '../store/change-store.ts';
import { neverRan } from '../store/read-store.ts';
import { awaitAgent } from './await-agent.ts';
import { canaryTest } from './canary.ts';
import type { SearchedGroup } from './find-in-group.ts';
import { followRecord, type Trail } from './follow-record.ts';
import { testedSources } from './places.ts';
import type { Expedition, TestContext } from './run-test.ts';
import { sampleTest } from './sample.ts';
import { openSights, type Sights } from './sights.ts';

/** A region in which a record is sent, and what it is sent and looked for with. */
export interface TestSite {
  readonly context: TestContext;
  readonly session: OneOffSession;
  readonly customer: ResolvedCustomer;
  readonly source: FoundSource;
  /** What reads it. */
  readonly scope: CredentialScope;
  /** Without what tells the record of this test from others. */
  readonly group: Omit<SearchedGroup, 'mark' | 'isIt'>;
}

/** What the two depths do each in its own way. */
export interface SentTest extends Pick<Trail, 'send' | 'stored'> {
  readonly what: string;
  readonly id?: string;
}

/** AWS takes no request from a clock that is further off. */
const CLOCK_SLACK_MS = 300_000;

/** Sends a record through each region that was asked for, beside the running agent, and follows it. */
export async function testRegions(context: TestContext): Promise<void> {
  const { argv, config, signal } = context;
  const { dataDir } = config.agent;
  // The agent ships; this process only looks.
  await using session = await openOneOff(
    { ...config, destinations: [] },
    argv.endpointUrl,
    argv.ownCredentials,
  );
  if (!session.canaries) throw neverRan(dataDir);
  const { sources: found, leftOut } = await session.discover(signal);
  if (signal.aborted) return;
  for (const { code, reason } of leftOut) context.note(`${code} ${reason}`);
  const sources = testedSources(found, config.customers, argv);
  if (sources.length < found.length && argv.region === undefined)
    context.note(chosenText(sources, found.length));
  await using sights = openSights(config, { clients: session.clients, isAsked: !argv.noVerify });
  const index = openSearchIndex({
    ...{ path: join(dataDir, 'search.db'), clock: session.clock, readOnly: true },
    ...config.http.searchIndex,
  });
  await changeStore(dataDir, async (store) => {
    await awaitAgent(sources.map(sourceKey), { store, clock: session.clock, signal });
    if (signal.aborted) return;
    const wake = (source: FoundSource): Promise<void> => store.wake([sourceKey(source)]);
    const means: Means = { context, session, index, sights, wake };
    await context.travel(sources.map((source) => expedition(source, means)));
  });
}

function chosenText(sources: readonly FoundSource[], found: number): string {
  const names = sources.map(({ customer, account, region }) => `${customer} ${account} ${region}`);
  return `no --region, so of ${found} regions only ${names.join(', ')}; --region '*' tests all`;
}

interface Means extends Pick<TestSite, 'context' | 'session'> {
  readonly index: SearchIndex;
  readonly sights: Sights;
  wake(source: FoundSource): Promise<void>;
}

function expedition(source: FoundSource, { index, sights, wake, ...means }: Means): Expedition {
  const { context, session } = means;
  const site = siteOf(source, means);
  const { what, id, send, stored } = context.argv.via === 'guardduty' ? sampleTest(site) : canaryTest(site);
  const { customer, account, region } = source;
  return {
    passage: { place: { customer, account, region }, what, ...(id !== undefined && { id }) },
    follow: () =>
      followRecord({
        ...{ customer, send, stored, clock: session.clock, signal: context.signal },
        ends: endsOf(site, sights),
        wake: () => wake(source),
        acknowledgedBy: (record) => acknowledgedBy(record, index),
      }),
  };
}

function siteOf(source: FoundSource, { context, session }: Pick<Means, 'context' | 'session'>): TestSite {
  const { clients, quota, clock, canaries } = session;
  const customer = context.config.customers.find(({ id }) => id === source.customer);
  if (!customer) throw new Error(`a source of an unknown customer was found: ${source.customer}`);
  const { normalize } = createSourceAccess(source, customer, { clients, quota, clock, canaries });
  const scope = scopeOf(discoverCustomer(customer), source.account);
  const reader = createLogsReader({ clients, scopeOf: () => scope });
  const { filterLogEvents: pace } = quota.paceOf(source, customer.poll.quotaShare);
  const group = { source, reader, pace, normalize, since: clock.now() - CLOCK_SLACK_MS };
  return { context, session, customer, source, scope, group };
}

function endsOf({ context, customer, source }: TestSite, sights: Sights) {
  const routed = routesTo(customer.destinations, source.region);
  return context.config.destinations
    .filter(({ id }) => routed.includes(id))
    .map(({ id, filter = {} }) => ({
      id,
      wants: (record: RenderableRec) => passes(record, filter),
      sight: sights.of(id),
    }));
}

/** Beside an agent in another process its search index tells who has what. */
async function acknowledgedBy(record: RenderableRec, index: SearchIndex): Promise<readonly string[]> {
  const { key, kind, time } = record;
  const query = { pattern: key, kinds: [kind], sinceMs: time, untilMs: time, limit: 100 };
  const { records } = await index.search(query);
  const same = records.filter((found) => found.key === key);
  return same.flatMap(({ acked }) => acked.map(({ destination }) => destination));
}
