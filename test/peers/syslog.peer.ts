import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';

import type { RenderableRec } from '../../agent/model/record.ts';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import { FRAMINGS } from '../../agent/ship/wire/message.ts';
import { enveloped, workedExample } from '../support/log-events.ts';
import { parsed, renderable } from '../support/rendering.ts';
import { parseRfc5424 } from '../support/rfc5424-parser.ts';
import { startSyslogReceiver } from '../support/syslog-receiver.ts';
import { startUdpReceiver } from '../support/udp-receiver.ts';
import { makeCertificates } from './support/certificates.ts';
import { runChild } from './support/child.ts';
import {
  startDefaultRsyslogd,
  startDefaultSyslogNg,
  startServer,
  takenBy,
} from './support/default-servers.ts';
import { freePort } from './support/ports.ts';
import { ship } from './support/shipment.ts';

const TCP = { type: 'syslog', host: '127.0.0.1', transport: 'tcp', insecureTransport: true, settleMs: 0 };
const UDP = { ...TCP, transport: 'udp' };
const HEADER = '<107>1 2026-07-22T18:47:17.000Z peers guardrelay - GuardDutyFinding - ';

const { detail } = workedExample();

/** A finding whose text, with the default header, is a message of this many bytes. */
function findingOf(bytes: number, id: string): RenderableRec {
  const event = (description: string) => JSON.stringify(enveloped({ ...detail, id, description }));
  return renderable(event('x'.repeat(bytes - HEADER.length - event('').length)));
}

/** The text of a message with the default header, without its frame. */
function textIn(message: Buffer): string {
  const text = String(message);
  return text.slice(text.indexOf(HEADER) + HEADER.length).trimEnd();
}

/** Sends bytes as they are, and waits until the server has hung up. */
async function sendRaw(port: number, bytes: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume().end(bytes);
  await once(socket, 'close');
}

t.test('7 a default rsyslogd makes two messages of 8,200 bytes', async (t) => {
  const server = await startDefaultRsyslogd(t);

  await sendRaw(server.ports.tcp, `8200 ${HEADER}${'x'.repeat(8_200 - HEADER.length)}`);

  const taken = await takenBy(server, 'tcp', 2);
  t.equal(taken.length, 2);
  t.ok((taken[0]?.text.length ?? 0) < 8_200 - HEADER.length);
});

const toRsyslogd = [TCP, { ...TCP, receiver: 'rsyslog', framing: 'lf' }, { ...UDP, maxMessageBytes: 8_000 }];
for (const options of toRsyslogd) {
  t.test(`7 a default rsyslogd cuts nothing that we send: ${JSON.stringify(options)}`, async (t) => {
    const server = await startDefaultRsyslogd(t);
    const input = options.transport === 'udp' ? 'udp' : 'tcp';
    const findings = [8_000, 8_096, 8_200].map((bytes) => findingOf(bytes, `f${bytes}`));

    const shipped = await ship({ ...options, port: server.ports[input] }, findings);

    const taken = await takenBy(server, input, findings.length);
    t.same(
      taken.map(({ text }) => text),
      shipped.map(({ bytes }) => textIn(bytes)),
    );
    t.match(
      taken.map(({ text }) => parsed(text)),
      ['f8000', 'f8096', 'f8200'].map((id) => ({ detail: { id, accountId: detail.accountId } })),
    );
    t.same(
      shipped.map(({ truncated }) => truncated),
      [false, true, true],
    );
  });
}

const NEIGHBOURS = ['n1', 'n2', 'n3', 'n4'];
const [n1, n2, n3, n4] = NEIGHBOURS.map((id) => findingOf(1_500, id));
const large = findingOf(70_000, 'large');
const amongOthers = [n1, n2, large, n3, n4].filter((finding) => finding !== undefined);

for (const [input, framing] of [
  ['octet', 'octet-counting'],
  ['lf', 'lf'],
] as const) {
  t.test(`8 a default syslog-ng never gets 70 KB with ${framing}, but all that it takes`, async (t) => {
    const server = await startDefaultSyslogNg(t);
    const options = { ...TCP, receiver: 'syslog-ng', framing, port: server.ports[input] };

    const shipped = await ship(options, amongOthers);

    const taken = await takenBy(server, input, amongOthers.length);
    t.same(
      taken.map(({ text }) => text),
      shipped.map(({ bytes }) => textIn(bytes)),
    );
    t.ok(shipped.every(({ bytes, kind }) => kind === 'final' && bytes.length < 60_010));
  });
}

for (const confirm of [{ confirm: 'close' }, { confirm: 'stream', settleMs: 300 }]) {
  t.test(
    `8 beyond the limit of syslog-ng only the large record is quarantined: ${confirm.confirm}`,
    async (t) => {
      const server = await startDefaultSyslogNg(t);
      const options = { ...TCP, ...confirm, receiver: 'syslog-ng', maxMessageBytes: 100_000 };

      const shipped = await ship({ ...options, port: server.ports.octet }, amongOthers);

      const taken = await takenBy(server, 'octet', NEIGHBOURS.length);
      const others = shipped.filter(({ record }) => record !== large);
      t.same(
        shipped.map(({ kind }) => kind),
        ['final', 'final', 'quarantined', 'final', 'final'],
      );
      t.same(
        [...new Set(taken.map(({ text }) => text))].sort(),
        others.map(({ bytes }) => textIn(bytes)).sort(),
      );
    },
  );
}

const toLargeRsyslogd: readonly (readonly [string, Record<string, unknown>, boolean])[] = [
  ['the default limit', {}, true],
  ['the largest limit below maxFrameSize', { maxMessageBytes: 199_999 }, true],
  ['a limit above maxFrameSize', { maxMessageBytes: 300_000 }, false],
];
for (const [what, options, isWhole] of toLargeRsyslogd) {
  t.test(`9 250 KB by octet counting are ${isWhole ? 'one message' : 'garbled'} with ${what}`, async (t) => {
    const server = await startDefaultRsyslogd(t, 'maxMessageSize="1m"');

    const shipped = await ship({ ...TCP, ...options, port: server.ports.tcp }, [findingOf(250_000, 'f')]);

    const taken = await takenBy(server, 'tcp', 1);
    const whole = shipped.map(({ bytes }) => textIn(bytes));
    if (isWhole)
      t.same(
        taken.map(({ text }) => text),
        whole,
      );
    else
      t.notSame(
        taken.map(({ text }) => text),
        whole,
      );
  });
}

const HOSTILE = ['a"b', 'c\\d', 'e]f', '\\"]', '\\\\]', '"] [x@1 y="z', 'ü☂𝄞', '[', '='];
t.test('2 structured data comes out of syslog-ng as it went in', async (t) => {
  const server = await startDefaultSyslogNg(t);
  const structuredData = { id: 'guardrelay@32473' };
  const findings = HOSTILE.map((text) => renderable(enveloped({ ...detail, id: text, type: text })));

  await ship({ ...TCP, structuredData, port: server.ports.octet }, findings);

  const taken = await takenBy(server, 'octet', findings.length);
  t.same(
    taken.map(({ _SDATA }) => _SDATA),
    HOSTILE.map((text) => ({
      [structuredData.id]: {
        ...{ customer: 'acme', account: '123456789012', region: 'us-west-2' },
        ...{ type: text, id: text, severity: '8.7', sample: 'true' },
      },
    })),
  );
});

const BSD_FORGED = '<13>Jul 22 18:47:17 forged forged: a second message';
const BSD_HOSTILE = ['\n', '\r\n', '\r', '\0', '\u001b[2J', '\u007f', '\u0085', '\u2028'].map(
  (mark) => `text${mark}${BSD_FORGED}${mark}`,
);

/** Control characters as a JSON escape shows them. */
function visible(text: string): string {
  return text.replaceAll(
    /\p{Cc}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

for (const header of ['rfc3164', 'rfc3164-iso'] as const) {
  const options = { ...TCP, header, framing: 'lf', hostname: '{agent}' };

  t.test(`3 no text forges a second message with ${header}`, async (t) => {
    const [rsyslogd, syslogNg] = [await startDefaultRsyslogd(t), await startDefaultSyslogNg(t)];
    const records = BSD_HOSTILE.map((text) => renderable(text));

    await ship({ ...options, port: rsyslogd.ports.tcp }, records);
    await ship({ ...options, port: syslogNg.ports.bsd }, records);

    const expected = records.map((record) => {
      const [text = ''] = formatNamed('raw').render(record, 8_000).texts;
      return { host: 'peers', app: 'guardrelay', text: visible(text) };
    });
    const lists = [
      await takenBy(rsyslogd, 'tcp', records.length),
      await takenBy(syslogNg, 'bsd', records.length),
    ];
    for (const taken of lists) {
      t.same(
        taken.map(({ host, app, text }) => ({ host, app, text: text.trimStart() })),
        expected,
      );
    }
  });

  t.test(`6 CEF stays whole behind its tag with ${header}, and the day of one digit is read`, async (t) => {
    const [rsyslogd, syslogNg] = [await startDefaultRsyslogd(t), await startDefaultSyslogNg(t)];
    const finding = renderable(enveloped({ ...detail, updatedAt: '2026-07-02T08:07:06.005Z' }));
    const cef = { ...options, format: 'cef', appName: 'guard-relay_1.x' };

    await ship({ ...cef, port: rsyslogd.ports.tcp }, [finding]);
    await ship({ ...cef, port: syslogNg.ports.bsd }, [finding]);

    const { texts } = formatNamed('cef').render(finding, 8_000);
    for (const [message] of [await takenBy(rsyslogd, 'tcp', 1), await takenBy(syslogNg, 'bsd', 1)]) {
      t.match(message, { host: 'peers', app: 'guard-relay_1.x', time: /^\d{4}-07-02T08:07:06/ });
      t.equal(message?.text.trimStart(), texts[0]);
    }
  });
}

const PAGE = readFileSync(new URL('../../docs/destinations/syslog.md', import.meta.url), 'utf8');
const ON_THE_PAGE = {
  rsyslogd: { start: 'global(', maxMessageBytes: 200_000 },
  'syslog-ng': { start: '@version', maxMessageBytes: 250_000 },
};

for (const program of ['rsyslogd', 'syslog-ng'] as const) {
  const { start, maxMessageBytes } = ON_THE_PAGE[program];
  t.test(
    `the configuration of ${program} in the document takes ${maxMessageBytes} bytes by TLS`,
    async (t) => {
      const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
      t.teardown(() => rm(directory, { recursive: true }));
      const { caFile, certFile, keyFile } = await makeCertificates(directory);
      const block = PAGE.split('```').find((text) => text.startsWith(`\n${start}`)) ?? '';
      const tls = await freePort();
      const server = await startServer(t, {
        program,
        ports: { tls },
        configuration: (at) =>
          (program === 'rsyslogd' ? `global(workDirectory="${at('')}")\n` : '') +
          block
            .replaceAll(/\/etc\/[\w./-]*\/ca\.pem/g, caFile)
            .replaceAll(/\/etc\/[\w./-]*\/server\.pem/g, certFile)
            .replaceAll(/\/etc\/[\w./-]*\/server\.key/g, keyFile)
            .replaceAll('/var/log/guardduty.log', at('tls.log'))
            .replaceAll('6514', String(tls)),
      });
      const findings = [findingOf(1_500, 'f1'), findingOf(300_000, 'f2'), findingOf(1_500, 'f3')];
      const place = { ...TCP, transport: 'tls', port: tls, tls: { caFile } };

      const shipped = await ship({ ...place, maxMessageBytes }, findings);

      t.same(
        await server.lines('tls', findings.length),
        shipped.map(({ bytes }) => textIn(bytes)),
      );
    },
  );
}

// What these programs of others send must be what our own receivers in the tests take.

for (const framing of FRAMINGS) {
  t.test(`the receiver of the tests takes what loggen sends with ${framing}`, async (t) => {
    const receiver = await startSyslogReceiver(t, { framing });
    const form = ['--syslog-proto', '--sdata', '[a@1 b="c"]', ...(framing === 'lf' ? ['--no-framing'] : [])];
    const amount = ['--number', '200', '--rate', '10000', '--size', '400'];
    const place = ['127.0.0.1', String(receiver.port)];

    const ran = await runChild({
      command: 'loggen',
      args: ['--inet', '--stream', ...form, ...amount, ...place],
    });
    await receiver.received(200);

    t.equal(ran.code, 0, ran.stderr);
    const messages = receiver.messages.map((message) => parseRfc5424(Buffer.from(message)));
    t.equal(messages.length, 200);
    t.ok(messages.every(({ elements }) => elements.get('a@1')?.b === 'c'));
  });

  t.test(`the receiver of the tests takes what logger sends with ${framing}`, async (t) => {
    const receiver = await startSyslogReceiver(t, { framing });
    const form = ['--rfc5424', '--msgid', 'ID', ...(framing === 'octet-counting' ? ['--octet-count'] : [])];
    const place = ['--tcp', '--server', '127.0.0.1', '--port', String(receiver.port)];

    const ran = await runChild({ command: 'logger', args: [...form, ...place, 'ein Text: ü☂'] });
    await receiver.received(1);

    t.equal(ran.code, 0, ran.stderr);
    t.match(parseRfc5424(Buffer.from(receiver.messages[0] ?? '')), { msgId: 'ID', text: 'ein Text: ü☂' });
  });
}

t.test('the UDP receiver of the tests takes what loggen and logger send', async (t) => {
  const receiver = await startUdpReceiver(t);
  const place = String(receiver.port);
  const datagrams = [
    '--inet',
    '--dgram',
    '--syslog-proto',
    '--no-framing',
    '--number',
    '50',
    '127.0.0.1',
    place,
  ];
  const single = ['--rfc5424', '--udp', '--server', '127.0.0.1', '--port', place, 'a text'];

  const ran = [
    await runChild({ command: 'loggen', args: datagrams }),
    await runChild({ command: 'logger', args: single }),
  ];
  await receiver.received(51);

  t.same(
    ran.map(({ code }) => code),
    [0, 0],
  );
  const messages = receiver.messages.map((message) => parseRfc5424(Buffer.from(message)));
  t.equal(messages.at(-1)?.text, 'a text');
});
