import type { FormatName, Rendered } from '../../model/format.ts';
import { isJsonObject } from '../../model/json.ts';
import { isRenderable, type Rec } from '../../model/record.ts';
import type { Source } from '../../model/source.ts';
import { formatNamed } from '../../normalize/formats/index.ts';
import { type NormalizeOptions, normalize } from '../../normalize/normalize.ts';
import { judgeCanaries } from '../../relay/canaries.ts';

export interface FormatWishes {
  readonly format: FormatName;
  readonly maxBytes: number;
  /** Whether ocsf and ecs carry the original text too. */
  readonly rawData: boolean;
  /** The log group that the events would stand in. */
  readonly source: Source;
  /** What the configuration of the source's customer says; absent: what stands there unless it says otherwise. */
  readonly reading?: NormalizeOptions;
  /** When they came to it, epoch ms. */
  readonly receivedAt: number;
}

export interface FormattedRecord {
  readonly record: Rec;
  /** Absent for heartbeats, which are not sent. */
  readonly rendered?: Rendered;
}

const USUAL: NormalizeOptions = { heartbeatRule: 'guardrelay-heartbeat' };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The log events that a file holds: one JSON document, or one per line; anything else is one event too. */
function eventTexts(file: string): readonly string[] {
  const text = file.replace(/\r?\n$/, '');
  if (parsed(text) !== undefined) return [text];
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.some((line) => isJsonObject(parsed(line))) ? lines : [text];
}

function recordsOf(message: string, at: number, wishes: FormatWishes): readonly Rec[] {
  const { source, receivedAt, reading = USUAL } = wishes;
  const times = { timestamp: receivedAt, ingestionTime: receivedAt };
  const event = { id: String(at), stream: 'guardrelay-format', ...times, message };
  return judgeCanaries(normalize(event, source, reading));
}

/** What a destination would get of the events in a file. */
export function formatEvents(file: string, wishes: FormatWishes): readonly FormattedRecord[] {
  const { maxBytes, rawData } = wishes;
  const format = formatNamed(wishes.format);
  return eventTexts(file)
    .flatMap((message, at) => recordsOf(message, at, wishes))
    .map((record) =>
      isRenderable(record) ? { record, rendered: format.render(record, maxBytes, { rawData }) } : { record },
    );
}
