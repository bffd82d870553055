import type { LookupAddress } from 'node:dns';
import t from 'tap';
import { isForbiddenAddress } from '../../agent/model/http-url.ts';
import { retryAfterMs } from '../../agent/model/retry-after.ts';
import { createConcurrencyLimit } from '../../agent/ship/http/concurrency-limit.ts';
import { createGuardedLookup } from '../../agent/ship/wire/address.ts';

const forbidden = ['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1', 'fd00:ec2::254'];
const allowed = ['127.0.0.1', '10.0.0.1', '203.0.113.9', '::1', 'fd00::1', 'siem.example.com'];
t.test('link-local and metadata addresses are told from others', async (t) => {
  for (const address of forbidden) t.equal(isForbiddenAddress(address), true, address);
  for (const address of allowed) t.equal(isForbiddenAddress(address), false, address);
});

t.test('a name that leads to a metadata address is refused, also beside an allowed one', async (t) => {
  const answers = { good: ['10.0.0.1', '10.0.0.2'], evil: ['10.0.0.1', '169.254.169.254'] };
  const lookup = createGuardedLookup((host, _, done) => {
    const addresses = host === 'evil' ? answers.evil : answers.good;
    done(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  });
  const ask = (host: string, all: boolean) =>
    new Promise<string | LookupAddress[]>((resolve, reject) => {
      lookup(host, { all }, (error, address) => (error ? reject(error) : resolve(address)));
    });

  t.equal(await ask('good', false), '10.0.0.1');
  t.same(await ask('good', true), [
    { address: '10.0.0.1', family: 4 },
    { address: '10.0.0.2', family: 4 },
  ]);
  for (const all of [false, true]) {
    const error = await ask('evil', all).catch((refusal: unknown) => refusal);
    t.match(error, { outcome: { kind: 'blocked', why: 'config' } });
  }
});

const waits: readonly (readonly [string | undefined, number | undefined])[] = [
  [undefined, undefined],
  ['0', undefined],
  ['120', 120_000],
  ['86400', 900_000],
  ['Wed, 22 Jul 2026 18:47:47 GMT', 30_000],
  ['Wed, 22 Jul 2026 18:00:00 GMT', undefined],
  ['soon', undefined],
];
for (const [header, expected] of waits) {
  t.test(`34 Retry-After ${header} means ${expected} ms`, async (t) => {
    t.equal(retryAfterMs(header, Date.UTC(2026, 6, 22, 18, 47, 17)), expected);
  });
}

t.test(
  '35 the limit grows by one for each round, and halves once for all that were open together',
  async (t) => {
    const limit = createConcurrencyLimit(4);
    for (let answers = 0; answers < 20; answers += 1) limit.succeeded();
    const full = limit.current;
    const tickets = [limit.start(), limit.start(), limit.start()];

    for (const ticket of tickets) limit.throttled(ticket);
    const afterBurst = limit.current;
    limit.throttled(limit.start());
    limit.throttled(limit.start());
    const floor = limit.current;

    t.same([full, afterBurst, floor], [4, 2, 1]);
  },
);
