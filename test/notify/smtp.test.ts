import t, { type Test } from 'tap';

import { createSmtpChannel, smtpOptions } from '../../agent/notify/channels/smtp.ts';
import { testChannelContract } from '../support/channel-contract.ts';
import { channelDeps } from '../support/channel-deps.ts';
import { heardAgain, hostile, silent } from '../support/notify/events.ts';
import { MAIL_SECRETS, smtp, startMailScene } from '../support/notify/smtp.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const never = new AbortController().signal;

testChannelContract(smtp);

async function start(t: Test, given: Record<string, unknown> = {}) {
  const { server, options } = await startMailScene(t);
  const channel = createSmtpChannel(
    smtpOptions.parse({ ...options, ...given }),
    channelDeps(createVirtualClock(), MAIL_SECRETS),
  );
  t.teardown(() => channel.close());
  return { server, channel };
}

/** A header of a message, unfolded. */
function header(mail: string | undefined, name: string): string | undefined {
  const [head = ''] = (mail ?? '').split('\r\n\r\n');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head.replaceAll(/\r\n[ \t]/g, ' '))?.[1];
}

t.test('a trigger and its end are one thread of different messages', async (t) => {
  const { server, channel } = await start(t);

  await channel.send(silent(), never);
  await channel.send(silent(), never);
  await channel.send(heardAgain(), never);

  const ids = server.mails.map((mail) => header(mail, 'Message-ID'));
  const threads = server.mails.map((mail) => [header(mail, 'In-Reply-To'), header(mail, 'References')]);
  t.equal(ids[0], ids[1], 'the same message, sent again');
  t.not(ids[0], ids[2]);
  t.match(ids[0], /^<[0-9a-f]{64}@example\.com>$/);
  t.equal(new Set(threads.flat()).size, 1);
  t.equal(header(server.mails[0], 'Auto-Submitted'), 'auto-generated');
});

t.test('hostile text adds no header and no recipient', async (t) => {
  const { server, channel } = await start(t);

  t.same(await channel.send(hostile(), never), { kind: 'ok' });

  const [mail = ''] = server.mails;
  t.equal(header(mail, 'To'), 'soc@example.com, lead@example.com');
  t.equal(header(mail, 'Bcc'), undefined);
  const [, html = ''] = mail.split('Content-Type: text/html');
  t.match(html, '&lt;script&gt;');
  t.notMatch(html, /<script|href/);
});

t.test('without STARTTLS nothing is sent, neither password nor mail', async (t) => {
  const { server, channel } = await start(t);
  server.offersTls = false;

  const outcome = await channel.send(silent(), never);

  t.match(outcome, { kind: 'refused', why: /answered 502/ });
  t.same([server.mails, server.logins], [[], 0]);
});

t.test('a certificate that nobody vouches for is not trusted', async (t) => {
  const { server, options } = await startMailScene(t);
  const { caFile: _, ...others } = options;
  const channel = createSmtpChannel(
    smtpOptions.parse(others),
    channelDeps(createVirtualClock(), MAIL_SECRETS),
  );

  const outcome = await channel.send(silent(), never);

  t.match(outcome, { kind: 'retry', why: /took no mail \(ESOCKET\): .*(certificate|issuer)/ });
  t.same([server.mails, server.logins], [[], 0]);
});

const refused = {
  'clear text that nobody asked for': { tls: 'none' },
  'a user without a password': { password: undefined },
  'a recipient with a line break': { to: ['a@example.com\r\nBcc: b@example.com'] },
  'two recipients in one': { to: ['a@example.com, b@example.com'] },
  'a metadata address': { host: '169.254.169.254' },
} as const;
for (const [what, wrong] of Object.entries(refused)) {
  t.test(`the configuration refuses ${what}`, async (t) => {
    const { options } = await startMailScene(t);

    t.equal(smtpOptions.safeParse(options).success, true);
    t.equal(smtpOptions.safeParse(JSON.parse(JSON.stringify({ ...options, ...wrong }))).success, false);
  });
}
