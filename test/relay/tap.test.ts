import t from 'tap';

import type { EncodedRecord } from '../../agent/model/batch.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import type { Tapped, TapWish } from '../../agent/model/tap.ts';
import { createTap } from '../../agent/relay/tap.ts';

function record(customer: string, number = 1): RenderableRec {
  const [account, region, partition] = ['111111111111', 'eu-west-1', 'aws'];
  const source = { customer, account, region, partition, logGroup: '/aws/events/guardrelay' };
  const origin = { source, stream: 's', eventId: `${number}`, timestamp: 1, ingestionTime: 1 };
  return { kind: 'unparsed', key: `k${number}`, origin, raw: 'text', account, region, partition, time: 1 };
}

function encoded(of: RenderableRec): EncodedRecord {
  return { id: of.key, record: of, bytes: Buffer.from('<14>text\n'), truncated: false };
}

function heardBy(
  wish: Partial<TapWish>,
  play: (tap: ReturnType<typeof createTap>) => void,
): readonly Tapped[] {
  const heard: Tapped[] = [];
  const tap = createTap({ now: () => 5 });
  const whole: TapWish = { target: { kind: 'source', name: '*' }, stage: 'raw', oneOf: 1, ...wish };
  const stop = tap.listen(whole, (each) => heard.push(each));
  play(tap);
  stop();
  play(tap);
  return heard;
}

const WISHES = [
  ['a source is heard as it comes', { target: { kind: 'source', name: 'acme' } }, ['text']],
  ['a part of a name is no name', { target: { kind: 'source', name: 'acm' } }, []],
  ['patterns stand for parts', { target: { kind: 'source', name: 'a*/*/eu-*' } }, ['text']],
  ['too many parts name nothing', { target: { kind: 'source', name: 'acme/*/*/*' } }, []],
  [
    'a whole key names one source',
    { target: { kind: 'source', name: 'acme/111111111111/eu-west-1:/aws/events/guardrelay' } },
    ['text'],
  ],
  [
    'a source is heard in the form of its destinations as it leaves',
    { target: { kind: 'source', name: 'acme' }, stage: 'formatted' },
    ['<14>text\n'],
  ],
  [
    'a destination is heard as it leaves',
    { target: { kind: 'destination', id: 'siem' }, stage: 'formatted' },
    ['<14>text\n', '<14>text\n'],
  ],
  ['another destination is silent', { target: { kind: 'destination', id: 'lake' }, stage: 'formatted' }, []],
  [
    'the original texts of a destination are those that leave',
    { target: { kind: 'destination', id: 'siem' } },
    ['text', 'text'],
  ],
  [
    'nobody hears other customers',
    { target: { kind: 'destination', id: 'siem' }, customers: ['acme'] },
    ['text'],
  ],
] as const satisfies readonly (readonly [string, Partial<TapWish>, readonly string[]])[];

for (const [title, wish, expected] of WISHES) {
  t.test(title, (t) => {
    const heard = heardBy(wish, (tap) => {
      for (const customer of ['acme', 'globex']) {
        tap.came([record(customer)]);
        tap.left('siem', [encoded(record(customer))]);
      }
    });

    t.same(
      heard.map(({ bytes }) => bytes.toString()),
      expected,
    );
    t.end();
  });
}

t.test('a sample is one of so many, and says when and where', (t) => {
  const heard = heardBy({ oneOf: 3 }, (tap) =>
    tap.came([1, 2, 3, 4, 5].map((number) => record('acme', number))),
  );

  t.match(heard, [
    {
      at: 5,
      key: 'k1',
      source: 'acme/111111111111/eu-west-1:/aws/events/guardrelay',
      destination: undefined,
    },
    { key: 'k4' },
  ]);
  t.end();
});
