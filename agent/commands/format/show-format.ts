import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

import { findRegion } from '../../aws/regions.ts';
import { loadConfig } from '../../config/load.ts';
import { printable } from '../../console/terminal/printable.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import type { FormatName } from '../../model/format.ts';
import { silentLogger } from '../../model/logger.ts';
import type { Source } from '../../model/source.ts';
import { normalizeOptions } from '../../relay/normalize-options.ts';
import { readAccountNames } from '../account-names.ts';
import { selectCustomers } from '../select-customers.ts';
import { type FormattedRecord, type FormatWishes, formatEvents } from './format-events.ts';

interface FormatArguments {
  readonly file?: string | undefined;
  readonly as: FormatName;
  readonly maxBytes?: number | undefined;
  readonly noRawData: boolean;
  readonly account: string;
  readonly region: string;
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly quiet: boolean;
}

/** What yargs makes of `-`. */
const STDIN = '';
/** Less does not hold what people search by; no destination takes a smaller limit either. */
const LEAST_BYTES = 2_048;

/** Prints what a destination would get of the events in a file. */
export async function showFormat(argv: FormatArguments): Promise<ExitCode> {
  const { as: format, quiet } = argv;
  const wishes = {
    format,
    maxBytes: maxBytesOf(argv),
    rawData: !argv.noRawData,
    ...(await customerOf(argv)),
    receivedAt: systemClock.now(),
  };
  const formatted = formatEvents(await readEvents(argv.file), wishes);
  for (const [at, each] of formatted.entries()) {
    for (const text of each.rendered?.texts ?? []) process.stdout.write(`${shown(text)}\n`);
    if (!quiet) process.stderr.write(`${noteOf(each, at + 1)}\n`);
  }
  return formatted.some(isAsItCame) ? EXIT.attention : EXIT.done;
}

function misuse(message: string, fix: string, cause?: unknown): GuardrelayError {
  return new GuardrelayError('CLI-001', message, { exitCode: EXIT.usage, fix, cause });
}

function maxBytesOf({ maxBytes = Number.MAX_SAFE_INTEGER }: FormatArguments): number {
  if (Number.isSafeInteger(maxBytes) && maxBytes >= LEAST_BYTES) return maxBytes;
  throw misuse(
    `--max-bytes ${maxBytes} is no limit that a destination can have`,
    `Give a whole number from ${LEAST_BYTES}.`,
  );
}

/** Only a configuration that was named is read: the command must work without one. */
async function customerOf(argv: FormatArguments): Promise<Pick<FormatWishes, 'source' | 'reading'>> {
  if (argv.config === undefined) return { source: sourceOf(argv, argv.customer?.[0]) };
  const { customers } = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const [customer] = customers;
  const names = await readAccountNames(customers.slice(0, 1), silentLogger);
  const reading = customer && { reading: normalizeOptions(customer, names) };
  return { source: sourceOf(argv, customer?.id), ...reading };
}

function sourceOf({ account, region }: FormatArguments, customer = 'acme'): Source {
  if (!/^\d{12}$/.test(account)) throw misuse(`--account ${account} is no account id`, 'Give its 12 digits.');
  const partition = findRegion(region)?.partition;
  if (!partition) throw misuse(`--region ${region} is no region`, 'Give one such as eu-west-1.');
  return { customer, account, region, partition, logGroup: '/aws/events/guardrelay' };
}

async function readEvents(file = STDIN): Promise<string> {
  if (file === STDIN && process.stdin.isTTY) {
    throw misuse('There is no event to format: stdin is a terminal', 'Name a file: guardrelay format FILE');
  }
  const bytes = await (file === STDIN ? buffer(process.stdin) : readFile(file)).catch((error: unknown) => {
    throw misuse(`reading ${file || 'stdin'}: ${String(error)}`, 'Name a file that you may read.', error);
  });
  if (bytes.length === 0) throw misuse(`${file || 'stdin'} is empty`, 'Give it at least one event.');
  return new TextDecoder().decode(bytes);
}

/** Hostile text may be piped, but not act on a terminal. */
function shown(text: string): string {
  return process.stdout.isTTY ? printable(text) : text;
}

/** Not in the shape that was asked for. */
function isAsItCame({ record, rendered }: FormattedRecord): boolean {
  return record.kind === 'unparsed' || rendered?.fellBackToRaw === true;
}

function noteOf({ record, rendered }: FormattedRecord, number: number): string {
  const { kind, account, region } = record;
  const remarks = [
    ...(record.kind === 'finding' ? [record.finding.type ?? 'without a type'] : []),
    ...(record.kind === 'unparsed' ? ['cannot be read as an event, so its text goes out'] : []),
    ...(rendered ? [] : ['proves that the path works and is not sent']),
    ...(rendered?.fellBackToRaw ? ['the format failed, so the original goes out'] : []),
    ...(rendered && rendered.texts.length > 1 ? [`${rendered.texts.length} messages`] : []),
    ...(rendered?.truncated ? [`truncated, without ${rendered.dropped.join(', ') || 'long ends'}`] : []),
  ];
  return printable([`${number}: ${kind}, account ${account}, region ${region}`, ...remarks].join('; '));
}
