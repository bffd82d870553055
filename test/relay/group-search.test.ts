import t from 'tap';

import { createNewest } from '../../agent/relay/newest.ts';
import { createSeenEvents } from '../../agent/relay/seen-events.ts';
import type { StoredRecord } from '../../agent/search/search-index.ts';

function recordAt(time: number, eventId = `e${time}`, part?: number): StoredRecord {
  const place = { customer: 'acme', account: '111122223333', region: 'eu-west-1', source: 's' };
  const named = { ...place, eventId, ...(part === undefined ? {} : { part }) };
  return { ...named, time, kind: 'finding', what: '', key: 'k', raw: '' };
}

t.test('the newest records are kept, each once, and it is known when no other can come in', async (t) => {
  const newest = createNewest(3);

  newest.add([recordAt(5), recordAt(1)]);
  const early = newest.isFullAfter(0);
  newest.add([recordAt(3), recordAt(5), recordAt(4)]);
  newest.add([recordAt(2), recordAt(4, 'e4', 1)]);

  t.notOk(early, 'there is room');
  t.same(
    newest.list().map(({ time, part }) => [time, part]),
    [
      [5, undefined],
      [4, undefined],
      [4, 1],
    ],
  );
  t.ok(newest.isFullAfter(3), 'what is older stays out');
  t.notOk(newest.isFullAfter(4), 'another of the same time is not known yet');
});

t.test('an event that is read again is not new, in a flood neither', async (t) => {
  const seen = createSeenEvents(100);
  const flood = Array.from({ length: 250 }, (_, n) => ({ id: `e${n}`, timestamp: n }));

  const first = flood.filter((event) => seen.add(event));
  const again = flood.filter((event) => seen.add(event));
  const late = seen.add({ id: 'late', timestamp: 120 });
  const next = seen.add({ id: 'next', timestamp: 200 });
  seen.forget(1_000);
  const forgotten = seen.add({ id: 'next', timestamp: 200 });

  t.equal(first.length, 250);
  t.same(again, []);
  t.notOk(late, 'nobody knows whether it was shown');
  t.ok(next);
  t.ok(forgotten, 'it takes no room any more');
});
