import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';

import { createQueue } from '../../agent/ship/queue.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

t.test(
  'a queue gives what it took in the order in which it came, however much has gone through it',
  async (t) => {
    const queue = createQueue<number>();
    const left: (number | undefined)[] = [];

    for (let number = 0; number < 20_000; number += 1) {
      queue.push(number);
      if (number % 3 > 0) left.push(queue.shift());
    }
    const waiting = queue.length;
    while (queue.length > 0) left.push(queue.shift());

    t.equal(waiting, 20_000 - 13_333);
    t.same(left, [...Array(20_000).keys()]);
    t.equal(queue.shift(), undefined);
    t.equal(queue.first, undefined);
  },
);

t.test('what is taken out of the middle is given in its order, and the rest keeps its own', async (t) => {
  const queue = createQueue<number>();
  for (let number = 0; number < 10; number += 1) queue.push(number);
  queue.shift();

  t.same(
    queue.takeOut((number) => number % 2 === 0),
    [2, 4, 6, 8],
  );
  t.equal(queue.first, 1);
  t.same([queue.shift(), queue.shift(), queue.length], [1, 3, 3]);
});

t.test('a queue that is never empty holds nothing that has left it', async (t) => {
  const queue = createQueue<{ readonly number: number }>();
  const seen = Array.from({ length: 100 }, (_, number) => {
    const item = { number };
    queue.push(item);
    return new WeakRef(item);
  });
  for (let count = 0; count < 99; count += 1) queue.shift();

  // A WeakRef holds what it refers to until the turn in which it was made is over.
  await setImmediate();
  collectGarbage();

  const held = seen.flatMap((item) => item.deref()?.number ?? []);
  t.same(held, [99]);
  t.equal(queue.first?.number, 99);
});
