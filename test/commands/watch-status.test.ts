import t from 'tap';

import { createStatusBoard, watchStatus } from '../../agent/commands/status/watch-status.ts';
import { type Overview, overview } from '../../agent/health/overview.ts';
import { HEALTH, NOW } from '../support/health-facts.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const MINUTE_MS = 60_000;

/** Two regions whose last heartbeats are so many minutes old. */
function seen(...minutes: readonly number[]): Overview {
  const regions = ['eu-west-1', 'us-east-1'];
  return overview(
    minutes.map((age, at) => ({
      ...{ source: `s${at}`, customer: 'acme', account: '111111111111', region: regions[at] ?? '' },
      ...{ logGroup: '/g', firstSeenAt: NOW - 60 * MINUTE_MS, options: HEALTH },
      facts: { pollSeconds: 60, lastReadAt: NOW, lastHeartbeatAt: NOW - age * MINUTE_MS, destinations: {} },
    })),
    NOW,
  );
}

function board(output: 'plain' | 'ndjson') {
  const written: string[] = [];
  const stream = { rows: 24, columns: 80, write: (text: string) => written.push(text) > 0 };
  const screen = { output, width: 80, color: false };
  return { written, show: createStatusBoard({ screen, stream, text: () => '', now: () => NOW }) };
}

t.test(
  'without a terminal each change of a source is a line, and what is well from the start is none',
  (t) => {
    const { written, show } = board('plain');

    for (const look of [seen(3, 3), seen(3, 47), seen(3, 48), seen(3, 1)]) show(look);

    t.same(written, [
      '12:00:00Z acme 111111111111 us-east-1 /g silent SRC-001 heartbeat missing\n',
      '12:00:00Z acme 111111111111 us-east-1 /g quiet\n',
    ]);
    t.end();
  },
);

t.test('for programs each of them is a JSON object', (t) => {
  const { written, show } = board('ndjson');

  show(seen(47));

  t.match(JSON.parse(written[0] ?? ''), { at: '2026-11-21T12:00:00.000Z', state: 'silent', code: 'SRC-001' });
  t.end();
});

t.test('it looks every two seconds until it is stopped, and answers with the last look', async (t) => {
  const clock = createVirtualClock(NOW);
  const stop = new AbortController();
  let looks = 0;
  const watching = watchStatus({
    ...{ clock, stop: stop.signal, show: () => {} },
    look: async () => seen(looks++),
  });

  await clock.advance(4_500);
  stop.abort();
  const last = await watching;

  t.equal(looks, 3);
  t.equal(last.sources[0]?.lastHeartbeatAt, NOW - 2 * MINUTE_MS);
});
