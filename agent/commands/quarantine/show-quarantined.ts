import { printable, printableJson } from '../../console/terminal/printable.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import type { Origin } from '../../model/record.ts';
import type { QuarantineEntry } from '../../ship/quarantine.ts';
import { readEntry, type StandingRecord } from '../../ship/quarantine-list.ts';
import { bytesText } from '../bytes-text.ts';
import { recordsNamed, selectQuarantined } from './select-quarantined.ts';

interface ShowArguments extends ScreenWishes {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly id: string;
}

/** Everything about one record. What comes from outside is escaped: it may be made to drive a terminal. */
export async function showQuarantined(argv: ShowArguments): Promise<ExitCode> {
  const { config, customer, id } = argv;
  const { records } = await selectQuarantined({ config, customer });
  for (const record of recordsNamed([id], records)) {
    const entry = await readEntry(record);
    const { output } = screenFor(argv, process.env, process.stdout);
    process.stdout.write(
      output === 'json' || output === 'ndjson' ? jsonText(record, entry, output) : text(record, entry),
    );
  }
  return EXIT.done;
}

function jsonText(
  { place: _, ...record }: StandingRecord,
  { raw }: QuarantineEntry,
  output: 'json' | 'ndjson',
): string {
  const schema = 'guardrelay.quarantine-record/v1';
  return `${printableJson({ ...record, schema, raw }, output === 'json' ? 2 : 0)}\n`;
}

function text(record: StandingRecord, { raw }: QuarantineEntry): string {
  const fields = Object.entries(fieldsOf(record)).filter(([, value]) => value !== undefined);
  const lines = fields.map(([name, value]) => `${name.padEnd(12)} ${printable(String(value))}`);
  return `${lines.join('\n')}\n\n${originalText(raw)}\n`;
}

function fieldsOf(record: StandingRecord): Readonly<Record<string, string | undefined>> {
  const { kind, what = '', origin, lastRefusal } = record;
  return {
    id: record.id,
    refused: `${record.at} by ${record.destination}`,
    why: record.why,
    code: record.code,
    'tried again': lastRefusal && `${times(record.refusals)}; ${lastRefusal.at} to ${lastRefusal.to}`,
    answer: lastRefusal?.why,
    kind: what === '' ? kind : `${kind}, ${what}`,
    ...placeOf(record, origin),
    key: record.key,
    sent: sentBy(record),
    size: bytesText(record.rawBytes),
    file: record.files.join(', '),
  };
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function placeOf({ account, region }: StandingRecord, origin: Origin | undefined) {
  if (!origin) return { account, region };
  const { source, customer, stream, eventId, timestamp, ingestionTime, part } = origin;
  const collected =
    account === undefined || account === source.account ? '' : `, collected in ${source.account}`;
  return {
    customer: customer?.name === undefined ? source.customer : `${source.customer} (${customer.name})`,
    account: `${account ?? source.account}${collected}`,
    region: source.region,
    'log group': source.logGroup,
    stream,
    'log event': part ? `${eventId}, finding ${part.index + 1} of ${part.of}` : eventId,
    'event time': `${isoTime(timestamp)}, ingested ${isoTime(ingestionTime)}`,
  };
}

function sentBy({ replay, backfill }: StandingRecord): string | undefined {
  if (replay) return 'by guardrelay replay';
  return backfill ? 'by guardrelay backfill' : undefined;
}

/** Indented where it is JSON; each line made harmless. */
function originalText(raw: string): string {
  try {
    return printableJson(JSON.parse(raw), 2);
  } catch {
    return raw.split('\n').map(printable).join('\n');
  }
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}
