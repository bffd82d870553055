import { z } from 'zod';

import { type ObservedSource, overview } from '../../health/overview.ts';
import { GRADES } from '../../model/outcome.ts';
import type { RecKind } from '../../model/record.ts';
import type { AgentView, RecentRecord } from '../agent-view.ts';
import { chainOf, linkJson } from './chain.ts';
import { envelope, head } from './envelope.ts';
import { instant, iso, isoMaybe } from './instant.ts';
import { notFound } from './problem.ts';
import { recordJson, toRecordJson } from './record-json.ts';
import { NOTHING, route } from './route.ts';
import { sourceId, sourceJson, sourceState, toSourceJson } from './source-json.ts';

const LAST_RECORDS = 20;
const CELL_MINUTES = 15;

const checkpoint = z.strictObject({
  destination: z.string(),
  floor: instant.describe('Every event before it is final here; a restart reads from here'),
  mode: z.enum(['joined', 'behind']),
  grade: z.enum(GRADES),
  updatedAt: instant,
});

const times = z.strictObject({
  heartbeat: instant.optional(),
  canary: instant.optional(),
  finding: instant.optional().describe('The last that the search index has'),
  change: instant.optional().describe('The last that the search index has'),
  event: instant.optional(),
  read: instant.optional(),
  ack: instant.optional(),
  look: instant.optional().describe('At detector, rules and policy'),
});

const answer = envelope('source', {
  summary: z.strictObject({ customerName: z.string().optional(), accountName: z.string().optional() }),
  data: z.strictObject({
    source: sourceJson,
    pollSeconds: z.number(),
    firstSeenAt: instant,
    chain: z.array(linkJson).describe('From GuardDuty to each destination'),
    times,
    checkpoints: z.array(checkpoint),
    records: z.array(recordJson).describe(`The last ${LAST_RECORDS} of its account and region`),
    history: z.strictObject({
      from: instant,
      cellMinutes: z.int(),
      states: z.array(sourceState.nullable()).describe('The worst of each cell; null: nobody looked'),
    }),
  }),
});
export type SourceDetailAnswer = z.output<typeof answer>;

export const sourceRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/sources/{id}',
  tag: 'health',
  summary:
    'One source with its way from GuardDuty to each destination, its times, checkpoints and last records.',
  role: 'viewer',
  params: z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/) }),
  answer,
  async handle({ view, now, params, signal }) {
    const observed = findSource(view, params.id);
    const row = overview([observed], now).sources[0];
    if (!row) throw notFound(`there is no source ${params.id}`);
    const [records, times, checkpoints] = await Promise.all([
      lastRecords(view, observed, { limit: LAST_RECORDS, signal }),
      timesOf(view, observed, signal),
      view.checkpoints(observed.source),
    ]);
    const customer = view.customers.find(({ id }) => id === observed.customer);
    const { from, cells } = view.strip(observed.source);
    return {
      ...head('source', now),
      summary: {
        customerName: customer?.name,
        accountName: customer?.accountNames.get(observed.account),
      },
      data: {
        source: toSourceJson(row),
        pollSeconds: observed.facts.pollSeconds,
        firstSeenAt: iso(observed.firstSeenAt),
        chain: [...chainOf(observed, now)],
        times,
        checkpoints: checkpoints.map(({ destination, floor, mode, grade, updatedAt }) => ({
          ...{ destination, mode, grade },
          floor: iso(floor),
          updatedAt: iso(updatedAt),
        })),
        records: records.map((record) => toRecordJson(record, false)),
        history: {
          from: iso(from),
          cellMinutes: CELL_MINUTES,
          states: cells.map((state) => state ?? null),
        },
      },
    };
  },
});

/** Throws for one that does not exist or that the caller may not see: both look the same from outside. */
export function findSource(view: AgentView, id: string): ObservedSource {
  const found = view.observed().find((source) => sourceId(source) === id);
  if (!found) throw notFound(`there is no source ${id}`);
  return found;
}

async function timesOf(
  view: AgentView,
  observed: ObservedSource,
  signal: AbortSignal,
): Promise<z.input<typeof times>> {
  const last = async (kind: RecKind): Promise<string | undefined> => {
    const [record] = await lastRecords(view, observed, { kinds: [kind], limit: 1, signal });
    return isoMaybe(record?.time);
  };
  const { facts } = observed;
  const acks = Object.values(facts.destinations).flatMap(({ lastAckAt }) => lastAckAt ?? []);
  const [finding, change] = [await last('finding'), await last('config-change')];
  return {
    ...{ finding, change },
    heartbeat: isoMaybe(facts.lastHeartbeatAt),
    canary: isoMaybe(facts.lastCanaryAt),
    event: isoMaybe(facts.lastEventAt),
    read: isoMaybe(facts.lastReadAt),
    ack: acks.length > 0 ? iso(Math.max(...acks)) : undefined,
    look: facts.plumbing?.isAwaited ? undefined : isoMaybe(facts.plumbing?.lookedAt),
  };
}

interface Wanted {
  readonly kinds?: readonly RecKind[];
  readonly limit: number;
  readonly signal: AbortSignal;
}

async function lastRecords(
  view: AgentView,
  { customer, account, region }: ObservedSource,
  { signal, ...wanted }: Wanted,
): Promise<readonly RecentRecord[]> {
  const query = { ...wanted, pattern: '', customers: [customer], account, region };
  const { records } = await view.search(query, signal);
  return records;
}
