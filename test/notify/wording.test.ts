import t from 'tap';

import { shortWording, wordingOf } from '../../agent/notify/wording.ts';
import { changed, EVIL, heardAgain, hostile, huge, silent, started } from '../support/notify/events.ts';

const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/u;

const texts = {
  'a silent region': [
    silent(),
    '✖ globex: eu-central-1 is silent for 17 min (last heartbeat 20:53 UTC). Likely: log resource policy removed by role/terraform at 20:51. Fix: guardrelay deploy --customer globex --region eu-central-1',
  ],
  'the end of it, with how long it lasted and nothing to do': [
    heardAgain(),
    '✔ globex: eu-central-1 is heard again after 47 min.',
  ],
  'a change, with the place that its title does not name': [
    changed(),
    '⚠ HIGH acme / 123456789123 payments-prod / eu-west-1: UpdateIPSet by admin/bob from 203.0.113.7 (console).',
  ],
  'a test': [
    silent({
      action: 'notice',
      title: '[TEST] Globex: eu-central-1 is silent',
      likely: 'it is a test',
      command: 'none',
    }),
    '✖ CRITICAL [TEST] Globex: eu-central-1 is silent for 17 min (last heartbeat 20:53 UTC). Likely: it is a test. Fix: none',
  ],
  'the agent itself': [started(), 'ℹ relay-eu-1: the agent has started.'],
  'the reason behind how long it lasts': [
    silent({
      title: 'globex: eu-central-1 is not watched any more: AWS refuses the key',
      type: 'source.failing',
      at: '2026-11-22T01:10:00.000Z',
      details: { reason: 'AWS refuses the key' },
      likely: 'the key',
      command: 'guardrelay doctor',
    }),
    '✖ globex: eu-central-1 is not watched any more for 28 h 0 min (last good 2026-11-20 20:53 UTC): AWS refuses the key. Likely: the key. Fix: guardrelay doctor',
  ],
  'a group whose title names none of it': [
    silent({
      title: 'many sources fell',
      customer: { id: 'globex' },
      accounts: Array.from({ length: 9 }, (_, at) => ({ id: `11111111111${at}` })),
      regions: Array.from({ length: 7 }, (_, at) => `eu-west-${at}`),
      since: '2026-11-20T21:09:18.000Z',
      lastGoodAt: '2026-11-20T21:09:18.000Z',
      likely: 'the agent',
      command: 'guardrelay doctor',
    }),
    '✖ globex / 111111111110, 111111111111, 111111111112, 111111111113, 111111111114 and 4 more / eu-west-0, eu-west-1, eu-west-2, eu-west-3, eu-west-4 and 2 more: many sources fell for 42 s (last heartbeat 21:09 UTC). Likely: the agent. Fix: guardrelay doctor',
  ],
} as const;

for (const [what, [event, text]] of Object.entries(texts)) {
  t.test(`the text tells of ${what}`, async (t) => {
    t.equal(wordingOf(event, 'relay-eu-1').text, text);
  });
}

t.test('the facts name all particulars, each once', async (t) => {
  const { facts, link } = wordingOf(silent({ destination: 'splunk' }), 'relay-eu-1');

  t.same(
    facts.map(({ name, value }) => `${name}: ${value}`),
    [
      'Event: source.silent (SRC-001)',
      'Severity: critical',
      'Customer: Globex (globex)',
      'Account: 111111111111 payments-prod',
      'Region: eu-central-1',
      'Destination: splunk',
      'Since: 2026-11-20 21:10 UTC',
      'Last good: 2026-11-20 20:53 UTC',
      'Agent: relay-eu-1',
    ],
  );
  t.equal(link, 'https://relay.example.com/sources/globex');
});

t.test('hostile text stays one visible line, and a link that is none of the web is no link', async (t) => {
  const { headline, text, likely = '', fix = '', link, facts } = wordingOf(hostile(), 'relay-eu-1');

  const lines = [headline, text, likely, fix, ...facts.flatMap(({ name, value }) => [name, value])];
  t.same(
    lines.filter((line) => CONTROL.test(line)),
    [],
  );
  t.equal(link, undefined);
  t.ok(EVIL.includes('\r\n') && text.includes('To: victim@example.com Bcc: other@example.com'));
});

t.test('a huge event makes a text that people can still read', async (t) => {
  const { headline, text, facts } = wordingOf(huge(), 'relay-eu-1');

  t.ok(headline.length < 2_000, `${headline.length}`);
  t.ok(text.length < 3_000, `${text.length}`);
  t.ok(facts.every(({ value }) => value.length <= 400));
  t.match(facts.find(({ name }) => name === 'Regions')?.value, / and 4995 more$/);
});

const durations = {
  '2026-11-20T21:09:59.400Z': '',
  '2026-11-20T21:09:01.000Z': ' for 59 s',
  '2026-11-20T19:10:00.001Z': ' for 119 min',
  '2026-11-20T19:10:00.000Z': ' for 2 h 0 min',
  '2026-11-18T17:09:59.000Z': ' for 2 d 4 h',
  '2026-11-20T21:20:00.000Z': '',
  yesterday: '',
};
for (const [since, text] of Object.entries(durations)) {
  t.test(`since ${since} is told as "${text}"`, async (t) => {
    const { lastGoodAt: _, ...event } = silent({ since });

    t.equal(wordingOf(event, 'relay-eu-1').headline, `✖ globex: eu-central-1 is silent${text}`);
  });
}

const shortened = {
  1600: '✖ globex: eu-central-1 is silent for 17 min (last heartbeat 20:53 UTC). Likely: log resource policy removed by role/terraform at 20:51. Fix: guardrelay deploy --customer globex --region eu-central-1',
  160: '✖ globex: eu-central-1 is silent for 17 min (last heartbeat 20:53 UTC). Fix: guardrelay deploy --customer globex --region eu-central-1',
  80: '✖ globex: eu-central-1 is silent for 17 min (last heartbeat 20:53 UTC)',
  20: '✖ globex: eu-centra…',
};
for (const [length, text] of Object.entries(shortened)) {
  t.test(`in ${length} characters the message says what matters most`, async (t) => {
    t.equal(shortWording(wordingOf(silent(), 'relay-eu-1'), Number(length)), text);
  });
}
