import { once } from 'node:events';
import { connect } from 'node:net';

import t from 'tap';

import { FORMAT_NAMES, type FormatName } from '../../agent/model/format.ts';
import type { JsonObject } from '../../agent/model/json.ts';
import { isRenderable, type RenderableRec } from '../../agent/model/record.ts';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { logEvent, SOURCE } from '../support/log-events.ts';
import { hostileEvents } from './support/hostile-events.ts';
import { followLines } from './support/lines.ts';
import { ship } from './support/shipment.ts';
import { openStage } from './support/stage.ts';
import { startSyslogNg } from './support/syslog-ng.ts';

/** The default, to which much is shrunk, and the most. */
const LIMITS = [8_000, 1_048_576];
/** How messages travel, and within which limits. */
const CARRIERS = {
  'octet-counting': {
    limits: LIMITS,
    options: { type: 'syslog', transport: 'tcp', framing: 'octet-counting' },
  },
  lf: { limits: LIMITS, options: { type: 'syslog', transport: 'tcp', framing: 'lf' } },
  relp: { limits: LIMITS, options: { type: 'relp', transport: 'tcp' } },
  udp: { limits: [1_400, 65_507], options: { type: 'syslog', transport: 'udp' } },
};
type Carrier = keyof typeof CARRIERS;

const HEADER = /<\d{1,3}>1 \S+ (\S+) guardrelay - \S+ - /;

/** A server that writes what it took, one message a line. */
interface Receiver {
  readonly port: number;
  /** What it has written since the last time, up to the last message: `HOSTNAME text` of each. */
  messages(last: string | undefined): Promise<readonly string[]>;
}

/** One way of sending all records. */
interface Way {
  readonly carrier: Carrier;
  readonly format: FormatName;
  readonly limit: number;
}

/** The records of all hostile events; the customer of each is its mark, which ends up in the header's HOSTNAME. */
function recordsFor({ format, limit }: Way): readonly RenderableRec[] {
  const mark = (at: number): string => `mark-${format}-${limit}-${at}`;
  const records = hostileEvents().flatMap(({ text }, at) =>
    normalize(logEvent(text), { ...SOURCE, customer: mark(at) }, { heartbeatRule: 'none' }),
  );
  return records.filter(isRenderable);
}

function destinationFor({ port }: Receiver, { carrier, format, limit }: Way): JsonObject {
  return {
    ...{ host: '127.0.0.1', port, insecureTransport: true, ...CARRIERS[carrier].options },
    ...{ format, maxMessageBytes: limit, hostname: '{customer}', settleMs: 0, batch: { maxWaitMs: 10 } },
  };
}

/** Ships the records and returns what a server must have of them, in its order. */
async function shipAll(receiver: Receiver, way: Way): Promise<readonly string[]> {
  const shipped = await ship(destinationFor(receiver, way), recordsFor(way));
  return shipped.flatMap(({ record, bytes }) => messagesOf(record, String(bytes), way));
}

/** The mark and the text for each text of the format: made without the sink, but for the size of its header. */
function messagesOf(record: RenderableRec, sent: string, { format, limit }: Way): readonly string[] {
  const [header = '', mark = ''] = HEADER.exec(sent) ?? [];
  const { texts } = formatNamed(format).render(record, limit - header.length);
  const isOneEach = texts.length === 1 || (format === 'wazuh' && texts.length > 1);
  if (!isOneEach) throw new Error(`${format} made ${texts.length} texts of ${record.key}`);
  return texts.map((text) => `${mark} ${cut(visible(text), limit - header.length)}`);
}

/** The whole characters in the first `maxBytes`: what is left of text that grew when its controls were shown. */
function cut(text: string, maxBytes: number): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, maxBytes), { stream: true });
}

/** Control characters as a JSON escape shows them. */
function visible(text: string): string {
  const shown = (control: string): string => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about.
  return text.replace(/^\ufeff/, '').replaceAll(/[\0-\u0008\u000a-\u001f\u007f-\u009f]/g, shown);
}

/** Where two lists first differ, short enough to be read. */
function difference(received: readonly string[], expected: readonly string[]): unknown {
  const length = Math.max(received.length, expected.length);
  const at = Array.from({ length }, (_, index) => index).find((index) => received[index] !== expected[index]);
  return at === undefined ? undefined : { at, received: ends(received[at]), expected: ends(expected[at]) };
}

function ends(text = 'no message'): string {
  return `${text.slice(0, 80)} ... ${text.slice(-80)} (${text.length})`;
}

const stage = await openStage();
const syslogNg = await startSyslogNg();
t.teardown(async () => {
  await syslogNg.stop();
  await stage.close();
});

function receiver(port: number, file: string): Receiver {
  const next = followLines(file);
  // rsyslogd writes the whole message, syslog-ng the two parts.
  const read = (line: string): string => line.replace(HEADER, '$1 ');
  return { port, messages: async (last) => (await next((line) => read(line) === last)).map(read) };
}

const { rsyslogd } = stage;
const byTcp = receiver(rsyslogd.ports.tcp, rsyslogd.file('tcp'));
const SERVERS: Readonly<Record<string, readonly (readonly [Carrier, Receiver])[]>> = {
  rsyslogd: [
    // It finds out the framing of each message by itself.
    ['lf', byTcp],
    ['octet-counting', byTcp],
    ['relp', receiver(rsyslogd.ports.relp, rsyslogd.file('relp'))],
    ['udp', receiver(rsyslogd.ports.udp, rsyslogd.file('udp'))],
  ],
  'syslog-ng': [
    ['lf', receiver(syslogNg.ports.lf, syslogNg.file('lf'))],
    ['octet-counting', receiver(syslogNg.ports['octet-counting'], syslogNg.file('octet-counting'))],
    ['udp', receiver(syslogNg.ports.udp, syslogNg.file('udp'))],
  ],
};

/** Why all this: what a sender that lets line breaks through would do. */
function testForgery(server: string, { port, messages }: Receiver): void {
  t.test(`3 ${server} would take a text with a line break for two messages`, async (t) => {
    const header = '<13>1 2026-07-22T18:47:17Z';
    const socket = connect(port, '127.0.0.1');

    socket.end(`${header} first guardrelay - Raw - text\n${header} forged guardrelay - Raw - text\n`);
    await once(socket, 'close');

    t.same(await messages('forged text'), ['first text', 'forged text']);
  });
}

for (const [server, receivers] of Object.entries(SERVERS)) {
  for (const [carrier, receiver] of receivers) {
    if (carrier === 'lf') testForgery(server, receiver);
    t.test(`3 ${server} sees one message per text by ${carrier}, whatever stands in it`, async (t) => {
      for (const format of FORMAT_NAMES) {
        for (const limit of CARRIERS[carrier].limits) {
          const expected = await shipAll(receiver, { carrier, format, limit });
          const received = await receiver.messages(expected.at(-1));

          t.same(difference(received, expected), undefined, `${format}, at most ${limit} bytes`);
        }
      }
    });
  }
}
