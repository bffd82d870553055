import type { EncodedRecord } from '../../../model/batch.ts';
import type { RenderableRec } from '../../../model/record.ts';
import type { SinkDeps } from '../../destination.ts';
import { facetsOf } from '../../http/facets.ts';
import type { HttpDialect } from '../../http/http-sink.ts';
import { encodeWithin, isObjectText } from '../../http/json-body.ts';
import { joinBytes } from '../../seal.ts';
import { encodeMessages } from '../../wire/message.ts';
import { type MetadataOptions, metadataOf } from './metadata.ts';

const LF = 0x0a;

interface Body extends Pick<HttpDialect, 'encode' | 'join'> {
  readonly contentType: string;
}

/** Events with their metadata, one JSON object per line. */
export function eventBody(options: MetadataOptions, { render, agentId }: SinkDeps): Body {
  function encodeOnce(record: RenderableRec, textBytes: number): EncodedRecord {
    const { texts, truncated } = render(record, textBytes);
    const head = JSON.stringify({
      time: record.time / 1_000,
      ...metadataOf(record.kind, options, agentId),
      fields: indexedFields(record),
    });
    // The text itself, not parsed and written anew: what is searched is what AWS wrote.
    const events = texts.map((text) => `${head.slice(0, -1)},"event":${eventValue(text)}}\n`);
    return { id: record.key, record, bytes: Buffer.from(events.join('')), truncated };
  }

  return {
    contentType: 'application/json',
    encode: (record, maxBytes) => encodeWithin(maxBytes, (textBytes) => encodeOnce(record, textBytes)),
    join: joinBytes,
  };
}

/** Texts alone, one per line: Splunk cuts them into events and finds their times by the sourcetype. */
export function rawBody({ render }: SinkDeps): Body {
  return {
    contentType: 'text/plain; charset=utf-8',
    encode: (record, maxBytes) =>
      encodeMessages(record, render(record, maxBytes), { head: '', framing: 'lf', maxBytes }),
    join: joinBytes,
  };
}

/** Both bodies hold one event per line. */
export function eventsIn({ bytes }: EncodedRecord): number {
  return bytes.reduce((count, byte) => (byte === LF ? count + 1 : count), 0);
}

function eventValue(text: string): string {
  return isObjectText(text) ? text : JSON.stringify(text);
}

/** The prefix keeps them apart from the fields that Splunk finds in the event, which would get every value twice. */
function indexedFields(record: RenderableRec): Readonly<Record<string, string>> {
  const marks = { ...(record.replay && { replay: 'true' }), ...(record.backfill && { backfill: 'true' }) };
  const entries = Object.entries({ ...facetsOf(record), ...marks });
  return Object.fromEntries(
    entries.filter(([, value]) => value !== '').map(([name, value]) => [`guardrelay_${name}`, value]),
  );
}
