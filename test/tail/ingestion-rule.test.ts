import t from 'tap';

import type { CoveredRange, IngestionRule, SourceState } from '../../agent/model/position.ts';
import { covering, forgettingRanges, isProved, provedChanges } from '../../agent/tail/ingestion-rule.ts';

const NOW = Date.UTC(2026, 0, 31);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SWEEP: CoveredRange = { from: NOW - 25 * HOUR_MS, to: NOW - MINUTE_MS, at: NOW, bits: [0, 2] };

function ruleOf(...covered: readonly CoveredRange[]): IngestionRule {
  return { inForce: true, since: NOW - 50 * HOUR_MS, covered };
}

t.test('a sweep proves what it must have shown, to those that took part in it', (t) => {
  const proved = { timestamp: NOW - HOUR_MS, ingestionTime: NOW - 30 * MINUTE_MS };
  const rows = [
    { name: 'shown in time', event: proved, bit: 0, expected: true },
    { name: 'to another destination', event: proved, bit: 1, expected: false },
    { name: 'the first of the window', event: { ...proved, timestamp: SWEEP.from }, bit: 2, expected: true },
    { name: 'before the window', event: { ...proved, timestamp: SWEEP.from - 1 }, bit: 0, expected: false },
    { name: 'the last of the window', event: { ...proved, timestamp: SWEEP.to }, bit: 0, expected: true },
    { name: 'left to the polls', event: { ...proved, timestamp: SWEEP.to + 1 }, bit: 0, expected: false },
    {
      name: 'perhaps not readable yet',
      event: { ...proved, ingestionTime: proved.ingestionTime + 1 },
      bit: 0,
      expected: false,
    },
  ];
  for (const { name, event, bit, expected } of rows) {
    t.equal(isProved({ ingestionRule: ruleOf(SWEEP) }, event, bit), expected, name);
  }
  t.equal(isProved({}, proved, 0), false, 'without the rule');
  t.end();
});

t.test('a sweep stands for those within it, and there are never many', (t) => {
  const earlier = { ...SWEEP, from: SWEEP.from + 1, to: SWEEP.to - 1, at: SWEEP.at - 1 };
  const wider = { ...earlier, from: SWEEP.from - 1 };
  const others = { ...earlier, bits: [0, 1] };

  const { covered } = covering(ruleOf(earlier, wider, others), SWEEP);
  let full = ruleOf();
  for (let bit = 0; bit < 100; bit += 1) full = covering(full, { ...SWEEP, bits: [bit] });

  t.same(covered, [wider, others, SWEEP]);
  t.equal(full.covered.length, 64);
  t.end();
});

t.test('the ids that a sweep stands for are those that it proves, in pieces where it held much', (t) => {
  const { from, to } = SWEEP;
  const spans = (bytes: number) =>
    provedChanges('source', { ...SWEEP, from: 10, to: 19 }, bytes).map((change) =>
      change.kind === 'proved' ? [change.from, change.to] : [],
    );

  t.same(provedChanges('source', SWEEP, 0), [
    { kind: 'proved', source: 'source', from, to, ingestedUntil: NOW - 30 * MINUTE_MS, mask: 5n },
  ]);
  t.same(spans(20_000_000), [[10, 19]]);
  t.same(spans(60_000_000), [
    [10, 12],
    [13, 15],
    [16, 19],
  ]);
  t.end();
});

t.test('ranges are forgotten with what cannot be read again, and a rule that is over with its last', (t) => {
  const state: SourceState = { source: 's', generation: 1, highWater: NOW, lastReadAt: NOW, sweeps: [] };
  const left = (inForce: boolean, before: number) =>
    forgettingRanges({ ...state, ingestionRule: { ...ruleOf(SWEEP), inForce } }, before).ingestionRule;

  t.same(left(true, SWEEP.to)?.covered, [SWEEP]);
  t.same(left(true, SWEEP.to + 1)?.covered, []);
  t.same(left(false, SWEEP.to)?.covered, [SWEEP]);
  t.equal(left(false, SWEEP.to + 1), undefined);
  t.same(forgettingRanges(state, NOW), state);
  t.end();
});
