import type { Format } from '../../agent/model/format.ts';
import { isJsonObject, type JsonObject } from '../../agent/model/json.ts';
import { isRenderable, type RenderableRec } from '../../agent/model/record.ts';
import type { NormalizeOptions } from '../../agent/normalize/normalize.ts';
import { recordOf } from './log-events.ts';

const ROOMY = 1_000_000;

/** The only record of a log event with this message, which a destination may get. */
export function renderable(message: unknown, known: Partial<NormalizeOptions> = {}): RenderableRec {
  const record = recordOf(message, known);
  if (!isRenderable(record)) throw new Error('is absorbed by the agent');
  return record;
}

/** The only text of a record. */
export function textOf(format: Format, rec: RenderableRec, maxBytes = ROOMY): string {
  const { texts } = format.render(rec, maxBytes);
  const [text = ''] = texts;
  if (texts.length !== 1) throw new Error(`expected one text, got ${texts.length}`);
  return text;
}

export function parsed(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value)) throw new Error('is not an object');
  return value;
}
