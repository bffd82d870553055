import { existsSync } from 'node:fs';

import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { ageText } from '../../console/terminal/age.ts';
import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import type { ChannelOptions } from '../../notify/channels/index.ts';
import { type NoticeMemory, openNoticeMemory } from '../../notify/memory.ts';
import type { Fared } from '../../notify/sender.ts';
import type { Told } from '../../notify/teller.ts';
import { beginning } from '../../notify/titles.ts';
import { noticeFile } from './live-notices.ts';

interface ListArguments extends ScreenWishes {
  readonly config?: string | undefined;
}

/** A channel as it is configured, and as it fared. */
interface ListedChannel {
  readonly options: ChannelOptions;
  /** How many customers it tells of. */
  readonly customers: number;
  readonly fared: Fared;
  readonly open: readonly OpenNotice[];
}

interface OpenNotice {
  readonly told: Told;
  readonly isAcknowledged: boolean;
}

/** Prints every channel; what an agent has noted is read beside it. */
export async function listChannels(argv: ListArguments): Promise<ExitCode> {
  const config = await loadConfig(argv.config, process.env);
  const rows = readChannels(config);
  const screen = screenFor(argv, process.env, process.stdout);
  process.stdout.write(renderListing(listing(rows, systemClock.now()), screen));
  if (screen.output === 'table') process.stdout.write(openText(rows));
  return EXIT.done;
}

function readChannels(config: Config): readonly ListedChannel[] {
  const file = noticeFile(config.agent.dataDir);
  const memory = existsSync(file) ? openNoticeMemory({ path: file, now: systemClock.now }) : undefined;
  try {
    return config.notify.map((options) => readChannel(options, config, memory));
  } finally {
    memory?.close();
  }
}

function readChannel(
  options: ChannelOptions,
  { customers }: Config,
  memory: NoticeMemory | undefined,
): ListedChannel {
  const { id } = options;
  const theirs = customers.filter(({ notify }) => notify === undefined || notify.includes(id));
  const open = (memory?.told(id) ?? []).map((told) => ({
    told,
    isAcknowledged: memory?.isAcknowledged(id, told.key) ?? false,
  }));
  return { options, customers: theirs.length, fared: memory?.fared(id) ?? {}, open };
}

function listing(rows: readonly ListedChannel[], now: number): Listing<ListedChannel> {
  return {
    name: 'channels',
    generatedAt: now,
    summary: { channels: rows.length },
    rows,
    columns: [
      { title: 'CHANNEL', text: ({ options }) => options.id },
      { title: 'TYPE', text: ({ options }) => options.type },
      { title: 'LISTENS TO', text: ({ options }) => listensTo(options) },
      { title: 'CUSTOMERS', text: ({ customers }) => String(customers), align: 'right', minTerminal: 100 },
      { title: 'LAST OK', text: ({ fared }) => ageText(fared.lastOkAt, now) },
      { title: 'LAST FAILURE', text: ({ fared }) => ageText(fared.lastFailure?.at, now) },
      { title: 'OPEN', text: ({ open }) => String(open.length), align: 'right' },
    ],
    remark: { title: 'WHY', text: ({ fared }) => whyText(fared) },
    json: ({ options, customers, fared, open }) => ({
      ...{ id: options.id, type: options.type, customers, ...faredJson(fared) },
      ...('events' in options && { events: options.events, minSeverity: options.minSeverity }),
      open: open.map(({ told, isAcknowledged }) => ({
        ...{ key: told.key, title: beginning(told.conditions), isAcknowledged },
        toldAt: new Date(told.toldAt).toISOString(),
      })),
    }),
  };
}

function listensTo(options: ChannelOptions): string {
  if (options.type === 'heartbeat-url') return `pinged every ${options.everySeconds} s`;
  return `${options.events.join(', ')}; ${options.minSeverity} or worse`;
}

/** What went wrong is past unless it lasts. */
function whyText({ failingSince, lastFailure }: Fared): string {
  return failingSince === undefined ? '' : (lastFailure?.why ?? '');
}

function faredJson({ lastOkAt, lastFailure, failingSince }: Fared): object {
  const iso = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  return {
    ...{ lastOkAt: iso(lastOkAt), failingSince: iso(failingSince) },
    ...(lastFailure && { lastFailure: { at: iso(lastFailure.at), why: lastFailure.why } }),
  };
}

/** What lasts, once however many channels were told. */
function openText(rows: readonly ListedChannel[]): string {
  const all = new Map(rows.flatMap(({ open }) => open.map((each) => [each.told.key, each] as const)));
  const lines = [...all].flatMap(([key, { told, isAcknowledged }]) => [
    `${isAcknowledged ? '·' : '✖'} ${beginning(told.conditions)}`,
    `  ${key}${isAcknowledged ? ' (acknowledged)' : ''}`,
  ]);
  return lines.length === 0 ? '' : `\n${lines.map((line) => `${printable(line)}\n`).join('')}`;
}
