import t from 'tap';

import { createQuota } from '../../agent/aws/quota.ts';
import type { Source } from '../../agent/model/source.ts';
import type { Read, Wanted, WindowPlan } from '../../agent/tail/read.ts';
import { createReader, type Reader } from '../../agent/tail/reader.ts';
import { createLateGroup } from '../support/late-group.ts';
import { HOME } from '../support/local-aws.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** A fifth of the smallest quota of any region: one call a second. */
const PLACE = { ...HOME, region: 'eu-central-1' };
const QUOTA_SHARE = 0.2;
const SMALL_GROUPS = 20;
const MINUTES = 10;
const TOKENS = MINUTES * 60;
/** More than can be read in the time of the test. */
const PAGES = 10_000;

const everything: Wanted = {
  for: async (events) => events.map(() => ['siem']),
  room: () => Number.POSITIVE_INFINITY,
};

function sum(pages: readonly number[]): number {
  return pages.reduce((all, each) => all + each, 0);
}

/** Readers of log groups of one account and region, so of one bucket. */
function createReaders(clock: VirtualClock): (logGroup: string, pages: number) => Reader {
  const pace = createQuota(clock).paceOf(PLACE, QUOTA_SHARE);
  const startAt = clock.now();
  return (logGroup, pages) => {
    const events = Array.from({ length: pages }, (_, index) => {
      const [timestamp, id] = [startAt + index, `${index}`];
      return { id, stream: 's', message: id, timestamp, ingestionTime: timestamp, readableAt: startAt };
    });
    const faults = { failure: () => undefined, pageSize: () => 1 };
    const logs = createLateGroup({ clock, creationTime: startAt, events, eventBytes: 100, faults });
    const source: Source = { ...PLACE, customer: 'acme', logGroup };
    return createReader({ logs, pace, source, clock });
  };
}

async function pagesOf(reads: AsyncIterable<Read>): Promise<number> {
  let pages = 0;
  for await (const { kind } of reads) if (kind === 'page') pages += 1;
  return pages;
}

t.test('T11 small groups are polled on time while a dense one sweeps and others catch up', async (t) => {
  const clock = createVirtualClock();
  const readerOf = createReaders(clock);
  const ended = new AbortController();
  const lateMs: number[] = [];
  const plan = (what: WindowPlan['what']): WindowPlan => ({ what, start: clock.now(), due: [] });
  const pollEachMinute = async (index: number): Promise<void> => {
    const reader = readerOf(`small-${index}`, 1);
    await clock.sleep((index * MINUTE_MS) / SMALL_GROUPS, ended.signal);
    while (!ended.signal.aborted) {
      const dueAt = clock.now();
      await pagesOf(reader.read(plan('poll'), everything, ended.signal));
      if (!ended.signal.aborted) lateMs.push(clock.now() - dueAt);
      await clock.sleep(dueAt + MINUTE_MS - clock.now(), ended.signal);
    }
  };
  const readOn = (what: WindowPlan['what'], groups: number): Promise<readonly number[]> => {
    const readers = Array.from({ length: groups }, (_, index) => readerOf(`${what}-${index}`, PAGES));
    return Promise.all(readers.map((reader) => pagesOf(reader.read(plan(what), everything, ended.signal))));
  };

  const polling = Array.from({ length: SMALL_GROUPS }, (_, index) => pollEachMinute(index));
  const reading = [readOn('sweep', 1), readOn('catch-up', 10), readOn('replay', 10)];
  await clock.advance(MINUTES * MINUTE_MS - 1);
  ended.abort();
  await Promise.all(polling);
  const [sweep = [], catchUp = [], replay = []] = await Promise.all(reading);

  t.equal(lateMs.length, MINUTES * SMALL_GROUPS, 'one poll a minute of each');
  t.ok(Math.max(...lateMs) <= 5 * SECOND_MS, `${Math.max(...lateMs)} ms late at most`);
  t.ok(sum(sweep) > sum(catchUp), 'the sweep has what polls leave');
  for (const pages of [catchUp, replay]) {
    t.ok(sum(pages) >= (TOKENS / 5) * 0.95, `${sum(pages)}: one token of five`);
    t.ok(Math.max(...pages) - Math.min(...pages) <= 1, 'shared among the groups');
  }
});
