import t from 'tap';

import { renderStatus } from '../../agent/console/terminal/status-view.ts';
import { type ObservedSource, overview } from '../../agent/health/overview.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import { createSourceMemory, noteRecord } from '../../agent/relay/source-memory.ts';
import { NOW, observed, PROVEN } from '../support/health-facts.ts';
import { plainFinding, recordBase } from '../support/ship-records.ts';

const DAY_MS = 86_400_000;

/** A source of acme, where a finding is expected within 7 days; days since the last one. */
function source(region: string, days: number | undefined, seenDays = 100): ObservedSource {
  const { options, ...rest } = observed(region, {
    ...PROVEN,
    ...(days !== undefined && { lastFindingAt: NOW - days * DAY_MS }),
  });
  return {
    ...rest,
    firstSeenAt: NOW - seenDays * DAY_MS,
    options: { ...options, expectFindingWithinMs: 7 * DAY_MS },
  };
}

const table: readonly { name: string; sources: readonly ObservedSource[]; line: string | undefined }[] = [
  {
    name: 'one of the sources had a finding',
    sources: [source('eu-west-1', 9), source('us-east-1', 7)],
    line: undefined,
  },
  {
    name: 'no source had one for so long',
    sources: [source('eu-west-1', undefined), source('us-east-1', 9)],
    line: 'acme: no finding for 9d; one was expected within 7d.',
  },
  {
    name: 'there never was one',
    sources: [source('eu-west-1', undefined, 8)],
    line: 'acme: no finding yet, for 8d; one was expected within 7d.',
  },
  { name: 'the customer is new', sources: [source('eu-west-1', undefined, 7)], line: undefined },
  { name: 'nothing is expected', sources: [observed('eu-west-1')], line: undefined },
];

for (const { name, sources, line } of table) {
  t.test(`a customer without findings is told of, and healthy all the same: ${name}`, async (t) => {
    const seen = overview(sources, NOW);
    const text = renderStatus(seen, { output: 'table', width: 80, color: false }, NOW);

    if (line === undefined) t.notMatch(text, 'finding');
    else t.ok(text.split('\n').includes(line), text);
    t.equal(seen.counts.quiet, sources.length, 'it is no state');
  });
}

t.test('a change of the configuration is an event, and no finding', async (t) => {
  const memory = createSourceMemory(undefined, 0);
  const finding: RenderableRec = {
    ...recordBase,
    ...{ kind: 'finding', key: 'f', raw: '', detail: {}, finding: plainFinding('High') },
  };
  const { timestamp } = recordBase.origin;
  const later = { ...recordBase.origin, timestamp: timestamp + 1 };

  noteRecord(memory, finding);
  noteRecord(memory, { ...recordBase, origin: later, kind: 'unparsed', key: 'u', raw: '' });
  noteRecord(memory, { ...finding, origin: { ...later, timestamp: timestamp - 1 } });

  t.match(memory.facts, { lastFindingAt: timestamp, lastEventAt: timestamp + 1, lastEventKind: 'unparsed' });
});
