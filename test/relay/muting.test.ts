import t from 'tap';

import { parseConfig } from '../../agent/config/parse.ts';
import type { Mute, MuteWish } from '../../agent/model/mute.ts';
import { newMute } from '../../agent/relay/mutes.ts';
import { createMuting } from '../../agent/relay/muting.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const PLACE = { customer: 'acme', account: '111122223333', region: 'eu-west-1' };

function parsed(maintenance: unknown) {
  const acme = { id: 'acme', auth: { type: 'default' }, accounts: { collect: [PLACE.account] } };
  return parseConfig(
    JSON.stringify({
      version: 1,
      agent: { id: 'relay-1', dataDir: '/data' },
      customers: [{ ...acme, regions: ['eu-west-1'], destinations: ['siem'], maintenance }],
      destinations: [{ id: 'siem', type: 'webhook', url: 'https://siem.example.com' }],
    }),
    {},
  );
}

function mutingOf(maintenance: unknown) {
  const result = parsed(maintenance);
  if (result.kind === 'mistaken') throw new Error(JSON.stringify(result.mistakes));
  return createMuting(result.config.customers);
}

/** On Sundays from two to four o'clock, in winter an hour ahead of UTC. */
const SUNDAYS = [{ cron: '0 2 * * SUN', minutes: 120, timezone: 'Europe/Berlin' }];

const windows: readonly { name: string; at: string; until?: string }[] = [
  { name: 'a moment before the window', at: '2026-11-22T00:59:59.999Z' },
  { name: 'its first moment', at: '2026-11-22T01:00:00.000Z', until: '2026-11-22T03:00:00.000Z' },
  { name: 'its last moment', at: '2026-11-22T02:59:59.999Z', until: '2026-11-22T03:00:00.000Z' },
  { name: 'its end', at: '2026-11-22T03:00:00.000Z' },
  { name: 'another day', at: '2026-11-23T02:00:00.000Z' },
  { name: 'in summer, an hour earlier', at: '2026-07-05T00:30:00.000Z', until: '2026-07-05T02:00:00.000Z' },
];

for (const { name, at, until } of windows) {
  t.test(`${name}: ${until === undefined ? 'not muted' : 'muted'}`, async (t) => {
    const off = mutingOf(SUNDAYS).offOf(PLACE, Date.parse(at), []);

    const expected = { kind: 'muted', until: Date.parse(until ?? ''), reason: 'maintenance window' };
    t.same(off, until === undefined ? undefined : expected);
    t.equal(mutingOf(SUNDAYS).offOf({ ...PLACE, customer: 'globex' }, Date.parse(at), []), undefined);
  });
}

t.test('of several windows the one that ends last counts', async (t) => {
  const muting = mutingOf([
    { cron: '0 2 * * *', minutes: 30 },
    { cron: '10 2 * * *', minutes: 60 },
  ]);

  const off = muting.offOf(PLACE, Date.UTC(2026, 0, 1, 2, 15), []);

  t.equal(off?.until, Date.UTC(2026, 0, 1, 3, 10));
});

const NOW = Date.UTC(2026, 0, 1, 12);
const MUTE: Mute = { id: 'm', customer: 'acme', at: NOW, until: NOW + HOUR, reason: 'moving the office' };

const byHand: readonly { name: string; mute: Partial<Mute>; now?: number; isMuted: boolean }[] = [
  { name: 'a whole customer', mute: {}, isMuted: true },
  { name: 'another customer', mute: { customer: 'globex' }, isMuted: false },
  { name: 'its account', mute: { account: PLACE.account }, isMuted: true },
  { name: 'another account', mute: { account: '444455556666' }, isMuted: false },
  { name: 'its region', mute: { region: 'eu-west-1' }, isMuted: true },
  { name: 'a pattern', mute: { region: 'eu-*' }, isMuted: true },
  { name: 'another region', mute: { region: 'us-*' }, isMuted: false },
  { name: 'a mute in its last moment', mute: {}, now: NOW + HOUR - 1, isMuted: true },
  { name: 'a mute that has ended', mute: {}, now: NOW + HOUR, isMuted: false },
];

for (const { name, mute, now = NOW, isMuted } of byHand) {
  t.test(`${name} by hand: ${isMuted ? 'muted' : 'not muted'}`, async (t) => {
    const off = mutingOf([]).offOf(PLACE, now, [{ ...MUTE, ...mute }]);

    const expected = { kind: 'muted', until: NOW + HOUR, reason: 'by hand: moving the office' };
    t.same(off, isMuted ? expected : undefined);
  });
}

t.test('who muted is told', async (t) => {
  const off = mutingOf([]).offOf(PLACE, NOW, [{ ...MUTE, by: 'jane' }]);

  t.equal(off?.reason, 'by jane: moving the office');
});

const wishes: readonly { name: string; until: number; refusal?: string }[] = [
  { name: 'a minute', until: NOW + MINUTE },
  { name: 'thirty days', until: NOW + 30 * DAY },
  { name: 'more than thirty days', until: NOW + 30 * DAY + 1, refusal: 'a mute ends within 30 days' },
  { name: 'no time', until: NOW, refusal: 'a mute must end in the future' },
];

for (const { name, until, refusal } of wishes) {
  t.test(`muting for ${name}: ${refusal ?? 'taken'}`, async (t) => {
    const wish: MuteWish = { customer: 'acme', until, reason: 'a move' };

    if (refusal !== undefined) return t.throws(() => newMute(wish, NOW), new RangeError(refusal));
    return t.match(newMute(wish, NOW), { ...wish, at: NOW, id: /^[0-9a-f]{8}$/ });
  });
}

const mistakes: readonly { name: string; window: object; said: RegExp }[] = [
  { name: 'no schedule', window: { cron: 'on Sundays', minutes: 5 }, said: /cannot be read/ },
  {
    name: 'a time zone that there is not',
    window: { cron: '0 2 * * *', minutes: 5, timezone: 'Mars/X' },
    said: /Mars/,
  },
  { name: 'a day that there is not', window: { cron: '0 2 31 2 *', minutes: 5 }, said: /never begins/ },
  { name: 'a window without an end', window: { cron: '0 * * * *', minutes: 60 }, said: /must be over/ },
  { name: 'more than a day', window: { cron: '0 2 * * SUN', minutes: 1_441 }, said: /1440/ },
];

for (const { name, window, said } of mistakes) {
  t.test(`a maintenance window with ${name} is a mistake`, async (t) => {
    const result = parsed([window]);

    t.match(result, { kind: 'mistaken', mistakes: [{ text: said }] });
  });
}
