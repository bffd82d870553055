import { readdirSync, readFileSync } from 'node:fs';

import { isJsonObject, type JsonObject } from '../../agent/model/json.ts';
import type { LogEvent } from '../../agent/model/log-event.ts';
import type { SourceRec } from '../../agent/model/record.ts';
import type { RelayEvent } from '../../agent/model/relay-event.ts';
import type { Source } from '../../agent/model/source.ts';
import { type NormalizeOptions, normalize } from '../../agent/normalize/normalize.ts';

const FIXTURES = new URL('../fixtures/findings/', import.meta.url);

/** The administrator's log group of a customer: none of the fixtures belongs to this account. */
export const SOURCE: Source = {
  customer: 'acme',
  account: '999999999999',
  region: 'eu-west-1',
  partition: 'aws',
  logGroup: '/aws/events/guardrelay',
};

export const HEARTBEAT_ARN = 'arn:aws:events:eu-west-1:999999999999:rule/guardrelay-heartbeat';

export function logEvent(message: string): LogEvent {
  return {
    id: '3'.repeat(56),
    timestamp: Date.UTC(2026, 6, 22, 18, 47, 18),
    ingestionTime: Date.UTC(2026, 6, 22, 18, 47, 19),
    stream: 'stream-1',
    message,
  };
}

/** The records of a log event with this message; other values than text are written as JSON. */
export function recordsOf(message: unknown, known: Partial<NormalizeOptions> = {}): readonly SourceRec[] {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return normalize(logEvent(text), SOURCE, { heartbeatRule: 'guardrelay-heartbeat', ...known });
}

/** The only record of such a log event. */
export function recordOf(message: unknown, known: Partial<NormalizeOptions> = {}): SourceRec {
  const [record, ...others] = recordsOf(message, known);
  if (!record || others.length > 0) throw new Error(`expected one record, got ${others.length + 1}`);
  return record;
}

/** A GuardDuty finding as EventBridge delivers it, with some fields replaced. */
export function enveloped(detail: unknown, fields: JsonObject = {}): Readonly<Record<string, unknown>> {
  return {
    version: '0',
    id: '11111111-2222-3333-4444-555555555555',
    'detail-type': 'GuardDuty Finding',
    source: 'aws.guardduty',
    account: '123456789012',
    time: '2026-07-22T18:47:18Z',
    region: 'us-west-2',
    resources: [],
    ...fields,
    detail,
  };
}

/** Where a heartbeat of the source comes from. */
const SCHEDULED = {
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: SOURCE.account,
  region: SOURCE.region,
};

/** A heartbeat's message. */
export const HEARTBEAT: string = JSON.stringify(enveloped({}, { ...SCHEDULED, resources: [HEARTBEAT_ARN] }));

export interface Fixture {
  readonly name: string;
  readonly text: string;
  /** What MANIFEST.md says that it is. */
  readonly kind: string;
}

/** Every file of `test/fixtures/findings`, with its class. */
export function findingFixtures(): readonly Fixture[] {
  const manifest = readFileSync(new URL('MANIFEST.md', FIXTURES), 'utf8');
  const rows = manifest.split('\n').filter((line) => line.startsWith('| `'));
  const classes = new Map(
    rows.map((line) => {
      const cells = line.split('|').map((cell) => cell.trim());
      return [cells[1]?.replaceAll('`', ''), cells[7]?.split(' ')[0]];
    }),
  );
  const names = readdirSync(FIXTURES).filter((name) => name !== 'MANIFEST.md');
  return names.map((name) => ({
    name,
    text: readFileSync(new URL(name, FIXTURES), 'utf8'),
    kind: classes.get(name) ?? 'not in MANIFEST.md',
  }));
}

/** The finding that the design pages work through, in its envelope. */
export function workedExample(): { text: string; event: JsonObject; detail: JsonObject } {
  const text = readFileSync(new URL('oluolus-fixture-network-eventbridge.json', FIXTURES), 'utf8');
  const event: JsonObject = JSON.parse(text);
  return { text, event, detail: isJsonObject(event.detail) ? event.detail : {} };
}

/** Something that the agent itself has to say. */
export const NOTICE: RelayEvent = {
  schema: 'guardrelay.event/v1',
  id: 'notice-1',
  at: '2026-07-22T18:47:17.000Z',
  action: 'trigger',
  key: 'guardrelay/acme/123456789012/us-gov-west-1/source.silent',
  type: 'source.silent',
  severity: 'high',
  code: 'SRC-001',
  title: 'silent',
  customer: { id: 'acme' },
  accounts: [{ id: '123456789012' }],
  regions: ['us-gov-west-1'],
  details: {},
};
