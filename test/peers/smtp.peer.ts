import t, { type Test } from 'tap';
import { systemClock } from '../../agent/model/clock.ts';
import { createSmtpChannel, smtpOptions } from '../../agent/notify/channels/smtp.ts';
import { channelDeps } from '../support/channel-deps.ts';
import { EVIL, heardAgain, hostile, huge, silent } from '../support/notify/events.ts';
import { type MailServer, type ReadMail, startExim } from './support/exim.ts';

const never = new AbortController().signal;
/** Two from the server, all others ours. */
const HEADERS = [
  ...['Received', 'From', 'To', 'Subject', 'Message-ID', 'Date', 'MIME-Version'],
  ...[
    'In-Reply-To',
    'References',
    'Auto-Submitted',
    'Content-Type',
    'Return-path',
    'Envelope-to',
    'Delivery-date',
  ],
];

function open(t: Test, exim: MailServer, given: Record<string, unknown> = {}, password = exim.password) {
  const options = smtpOptions.parse({
    ...{ id: 'mail', type: 'smtp', host: '127.0.0.1', port: exim.port, caFile: exim.caFile },
    ...{ username: 'relay', password: 'env:MAIL', from: 'relay@example.com', to: ['soc@example.com'] },
    ...given,
  });
  const channel = createSmtpChannel(options, channelDeps(systemClock, { 'env:MAIL': password }));
  t.teardown(() => channel.close());
  return channel;
}

function header({ headers }: ReadMail, name: string): string | undefined {
  return headers.find(([each]) => each === name)?.[1];
}

async function start(t: Test): Promise<MailServer> {
  const exim = await startExim();
  t.teardown(exim.stop);
  return exim;
}

t.test('Exim delivers a trigger and its end to each recipient, as one thread', async (t) => {
  const exim = await start(t);
  const channel = open(t, exim, { to: ['soc@example.com', 'lead@example.com'] });

  const outcomes = [await channel.send(silent(), never), await channel.send(heardAgain(), never)];

  t.same(outcomes, [{ kind: 'ok' }, { kind: 'ok' }]);
  const mails = await exim.mails('soc', 2);
  const subjects = mails.map((mail) => header(mail, 'Subject')).toSorted();
  t.equal((await exim.mails('lead', 2)).length, 2);
  t.same(
    mails.map(({ defects }) => defects),
    [[], []],
  );
  t.same(subjects, [
    '✔ globex: eu-central-1 is heard again after 47 min',
    '✖ globex: eu-central-1 is silent for 17 min (last heartbeat 20:53 UTC)',
  ]);
  t.equal(new Set(mails.map((mail) => header(mail, 'References'))).size, 1);
  t.equal(new Set(mails.map((mail) => header(mail, 'Message-ID'))).size, 2);
  const trigger = mails.find(({ text }) => text.startsWith('✖'));
  t.match(
    trigger?.text,
    /^✖ globex: .*\n\nLikely: .*\n\nFix:\n {2}guardrelay deploy .*\n\nEvent: source\.silent/s,
  );
  t.match(trigger?.html, /<a href="https:\/\/relay\.example\.com\/sources\/globex">Open in guardrelay<\/a>/);
});

t.test('it takes mail by TLS from the first byte on', async (t) => {
  const exim = await start(t);

  const outcome = await open(t, exim, { tls: 'implicit', port: exim.tlsPort }).send(silent(), never);

  t.same(outcome, { kind: 'ok' });
  t.equal((await exim.mails('soc', 1)).length, 1);
});

for (const [kind, event] of Object.entries({ hostile: hostile(), huge: huge() })) {
  t.test(`a ${kind} event is one sound mail to whom it was sent, with no header of its own`, async (t) => {
    const exim = await start(t);

    t.same(await open(t, exim).send(event, never), { kind: 'ok' });

    const [mail] = await exim.mails('soc', 1);
    const names = mail?.headers.map(([name]) => name) ?? [];
    t.same(mail?.defects, []);
    t.same(
      names.filter((name) => !HEADERS.includes(name)),
      [],
    );
    t.equal(new Set(names).size, names.length);
    t.equal(mail && header(mail, 'To'), 'soc@example.com');
    if (kind === 'hostile') {
      t.ok(EVIL.includes('<script>alert(1)</script>') && mail?.text.includes('<script>alert(1)</script>'));
      t.match(mail?.html, '&lt;script&gt;alert(1)&lt;/script&gt;');
      t.notMatch(mail?.html, /<script|href/);
    }
  });
}

t.test('a wrong password is refused in the words of Exim, and the password is not in them', async (t) => {
  const exim = await start(t);

  const outcome = await open(t, exim, {}, 'a wrong password').send(silent(), never);

  t.match(outcome, {
    kind: 'refused',
    why: /^127\.0\.0\.1:\d+ answered 535: Incorrect authentication data$/,
  });
});

t.test('Exim takes nothing from whom it does not know', async (t) => {
  const exim = await start(t);

  const channel = createSmtpChannel(
    smtpOptions.parse({
      ...{ id: 'mail', type: 'smtp', host: '127.0.0.1', port: exim.port, caFile: exim.caFile },
      ...{ from: 'relay@example.com', to: ['soc@example.com'] },
    }),
    channelDeps(systemClock, {}),
  );
  const outcome = await channel.send(silent(), never);

  t.match(outcome, { kind: 'refused', why: /answered 550/ });
});
