import t from 'tap';

import type { FailedCall } from '../../agent/aws/failure.ts';
import { awaitAgent } from '../../agent/commands/test/await-agent.ts';
import type { End } from '../../agent/commands/test/await-ends.ts';
import { testExit } from '../../agent/commands/test/exit.ts';
import { followRecord, type Trail } from '../../agent/commands/test/follow-record.ts';
import { failedStep, type Passage, type TestStep } from '../../agent/commands/test/steps.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import { noticeRecord } from '../../agent/normalize/notice.ts';
import type { Sighting } from '../../agent/ship/finder.ts';
import { createVirtualClock, finish, type VirtualClock } from '../support/virtual-clock.ts';

const RECORD = noticeRecord({
  ...{ schema: 'guardrelay.event/v1', id: 'gr-1', at: '2026-01-01T00:00:00Z', action: 'notice' },
  ...{ key: 'k', type: 'guardrelay.test', severity: 'info', code: '', title: 'Test', details: {} },
  ...{ accounts: [], regions: ['eu-west-1'] },
});

const THROTTLED = failed('throttled', 'AWS throttles');
const DENIED = failed('denied', 'AWS refuses');

function failed(cause: 'throttled' | 'denied', text: string): FailedCall {
  return { kind: 'failed', failure: { cause, code: 'AUTH-006', text } };
}

/** Aborts after so many seconds of virtual time, as a limit does. */
function timeoutOf(clock: VirtualClock, seconds: number): AbortSignal {
  const limit = new AbortController();
  void clock.sleep(seconds * 1_000).then(() => limit.abort(new DOMException('over', 'TimeoutError')));
  return limit.signal;
}

interface ScriptedEnd extends End {
  readonly wanted?: boolean;
}

interface Script {
  /** AWS does not answer before the time is over. */
  readonly isStuck?: boolean;
  /** What each look into the log group finds; the last goes on. */
  readonly stored?: readonly (RenderableRec | FailedCall | undefined)[];
  /** What each look at the acknowledgements finds. */
  readonly acknowledged?: readonly (readonly string[])[];
  readonly ends?: readonly ScriptedEnd[];
}

function nth<T>(list: readonly T[]): () => T | undefined {
  let at = -1;
  return () => {
    at = Math.min(at + 1, list.length - 1);
    return list[at];
  };
}

async function collect(steps: AsyncIterable<TestStep>): Promise<readonly TestStep[]> {
  const seen: TestStep[] = [];
  for await (const step of steps) seen.push(step);
  return seen;
}

/** Everything that a test sees, and how often it woke the agent. */
async function follow({
  stored = [RECORD],
  acknowledged = [['siem']],
  ends = [end()],
  isStuck = false,
}: Script) {
  const clock = createVirtualClock();
  const [nextStored, nextAcknowledged] = [nth(stored), nth(acknowledged)];
  let wakes = 0;
  const trail: Trail = {
    ...{ customer: 'acme', clock, signal: timeoutOf(clock, 60) },
    ends: ends.map(({ wanted = true, ...each }) => ({ ...each, wants: () => wanted })),
    async send() {
      if (!isStuck) return { kind: 'sent', by: 'events' };
      await clock.sleep(300_000, trail.signal);
      return failedStep('sent', THROTTLED.failure, '');
    },
    stored: async () => nextStored(),
    wake: async () => {
      wakes += 1;
    },
    acknowledgedBy: async () => nextAcknowledged() ?? [],
  };
  const steps = await finish(clock, collect(followRecord(trail)));
  return { steps, wakes, tookMs: clock.monotonic() };
}

function end(...sightings: readonly Sighting[]): ScriptedEnd {
  if (sightings.length === 0) return { id: 'siem', sight: { kind: 'unasked' } };
  const next = nth(sightings);
  const find = async (): Promise<Sighting> => next() ?? { kind: 'absent' };
  return { id: 'siem', sight: { kind: 'finder', finder: { find, close: async () => {} } } };
}

t.test('every step is told once, in its order', async (t) => {
  const sight = end({ kind: 'absent' }, { kind: 'found', where: 'index' });
  const lake = { id: 'lake', sight: { kind: 'none', why: 'no search' } } as const;

  const { steps } = await follow({
    stored: [undefined, THROTTLED, RECORD],
    acknowledged: [[], ['lake'], ['lake', 'siem', 'another']],
    ends: [sight, lake, { id: 'attic', sight: { kind: 'unasked' }, wanted: false }],
  });

  t.same(steps, [
    { kind: 'sent', by: 'events' },
    { kind: 'stored', key: 'gr-1' },
    { kind: 'unwanted', destination: 'attic' },
    { kind: 'acknowledged', destination: 'lake' },
    { kind: 'unverified', destination: 'lake', why: 'no search', lookFor: 'gr-1' },
    { kind: 'acknowledged', destination: 'siem' },
    { kind: 'found', destination: 'siem', where: 'index' },
  ]);
});

t.test('what does not come is told when the time is over, with what was last said', async (t) => {
  const doctor = 'guardrelay doctor --customer acme';
  const rows: readonly (readonly [Script, object])[] = [
    [{ isStuck: true }, { kind: 'late', leg: 'sent', fix: doctor }],
    [{ stored: [undefined] }, { kind: 'late', leg: 'stored', fix: doctor }],
    [{ stored: [undefined, THROTTLED] }, { kind: 'late', leg: 'stored', why: 'AWS throttles' }],
    [{ acknowledged: [[]] }, { kind: 'late', leg: 'acknowledged', destination: 'siem', fix: doctor }],
    [
      { ends: [end({ kind: 'absent', why: 'no route' })] },
      { kind: 'late', leg: 'found', destination: 'siem', why: 'no route' },
    ],
  ];

  for (const [script, last] of rows) {
    const { steps, tookMs } = await follow(script);
    t.match(steps.at(-1), last);
    t.equal(steps.filter(({ kind }) => kind === 'late').length, 1);
    t.ok(tookMs >= 60_000 && tookMs < 66_000, `${tookMs} ms`);
  }
});

t.test('a refusal of AWS is told at once, because waiting does not cure it', async (t) => {
  const { steps, tookMs } = await follow({ stored: [undefined, DENIED] });

  t.match(steps.at(-1), { kind: 'failed', leg: 'stored', code: 'AUTH-006', isRefusal: true });
  t.ok(tookMs < 5_000);
});

t.test('the agent is woken at once, and now and then again until it has delivered', async (t) => {
  const { wakes: quick } = await follow({});
  const { wakes: slow } = await follow({ acknowledged: [[]] });

  t.equal(quick, 1);
  t.equal(slow, 4, 'four times in a minute');
});

t.test('exit codes: the first thing that went wrong; 7 where it went well elsewhere', (t) => {
  const sent: TestStep = { kind: 'sent', by: 'events' };
  const late: TestStep = { kind: 'late', leg: 'stored', fix: '' };
  const refused: TestStep = {
    ...{ kind: 'failed', leg: 'sent', code: 'AUTH-006', why: '', fix: '' },
    isRefusal: true,
  };
  const broken: TestStep = { ...refused, isRefusal: false };
  const unverified: TestStep = { kind: 'unverified', destination: 'siem', why: '', lookFor: '' };
  const rows: readonly (readonly [
    passages: readonly (readonly TestStep[])[],
    code: number,
    strict: number,
  ])[] = [
    [[], 6, 6],
    [[[sent]], 0, 0],
    [[[sent, unverified]], 0, 3],
    [[[sent, late]], 6, 6],
    [[[refused]], 5, 5],
    [[[broken]], 4, 4],
    [[[sent, late], [refused]], 6, 6],
    [
      [
        [sent, late],
        [sent, unverified],
      ],
      7,
      7,
    ],
  ];

  for (const [passages, code, strict] of rows) {
    const steps = passages.flatMap((each, at) => {
      const passage: Passage = { place: { destination: String(at) }, what: '' };
      return each.map((step) => ({ passage, step, afterMs: 0 }));
    });
    t.same([testExit(steps, false), testExit(steps, true)], [code, strict]);
  }
  t.end();
});

/** A store of one source; `times`: what each look at it shows, in seconds from now; the last goes on. */
function storeOf(clock: VirtualClock, times: readonly { readonly at: number; readonly owner?: string }[]) {
  const next = nth(times);
  const now = clock.now();
  const spec = { customer: 'acme', account: '1', region: 'eu-west-1', partition: 'aws', logGroup: 'g' };
  return {
    wake: async () => {},
    async *inspect() {
      const { at = 0, ...status } = next() ?? {};
      const nextPollAt = now + at * 1_000;
      yield { spec: { ...spec, source: 'one' }, row: 1, enabled: true, nextPollAt, ...status };
    },
  };
}

t.test('an agent is there if somebody takes the source, or goes on with it', async (t) => {
  const held = { at: 20, owner: 'relay-1' };
  const rows = [
    { times: [{ at: 0 }, held], isThere: true, withinMs: 1_000 },
    { times: [{ at: 0 }, { at: 60 }], isThere: true, withinMs: 1_000 },
    { times: [held, held, { at: 26, owner: 'relay-1' }], isThere: true, withinMs: 1_000 },
    { times: [{ at: 0 }], isThere: false, withinMs: 6_000 },
    // It was killed, and its lease ends after some looks.
    { times: [...Array(40).fill(held), { at: 20 }], isThere: false, withinMs: 16_000 },
  ];

  for (const { times, isThere, withinMs } of rows) {
    const clock = createVirtualClock();
    const { signal } = new AbortController();
    const awaited = finish(clock, awaitAgent(['one'], { clock, signal, store: storeOf(clock, times) }));
    if (isThere) await t.resolves(awaited);
    else await t.rejects(awaited, { code: 'SRC-002', message: /No agent reads one/ });
    t.ok(clock.monotonic() <= withinMs, `${clock.monotonic()} ms`);
  }
});
