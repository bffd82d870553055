import { join } from 'node:path';
import t, { type Test } from 'tap';

import { storeCanaries } from '../../agent/commands/store/store-canaries.ts';
import type { SourceRow } from '../../agent/health/overview.ts';
import { createCanaries } from '../../agent/relay/canaries.ts';
import { openSearchIndex } from '../../agent/search/search-index.ts';
import { HOME } from '../support/local-aws.ts';
import { ACME, type RelayScene, setScene } from '../support/relay-scene.ts';
import type { RunningAgent } from '../support/running-agent.ts';
import { furnish, putRules } from '../support/stack-contents.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const FINDINGS_RULE = 'guardrelay-findings';
const LIMITS = { keepDays: 7, maxMegabytes: 10 };
const PLACE = `{customer="${ACME.id}",region="${HOME.region}"}`;
const SPEC = { customer: ACME.id, account: ACME.account, region: HOME.region };

async function startScene(t: Test, heartbeat: object = {}): Promise<RelayScene> {
  const canary = { enabled: true, everyHours: 1 };
  const customer = { ...ACME, settings: { heartbeat: { canary, ...heartbeat } } };
  const scene = await setScene(t, { customers: [customer] });
  furnish(scene.aws, HOME);
  return scene;
}

/** Puts an event with a canary's shape on the bus, as somebody else would. */
function putEvent({ aws }: RelayScene, detail: object): void {
  aws.events.emit(HOME, {
    source: 'guardrelay.canary',
    'detail-type': 'guardrelay canary',
    detail,
    resources: [],
  });
}

function only([row]: readonly SourceRow[]): Partial<SourceRow> {
  return row ?? {};
}

function lastCanaryAt(agent: Pick<RunningAgent, 'health'>): number | undefined {
  return only(agent.health()).lastCanaryAt;
}

/** Counts the calls that put events. */
function countPuts({ aws }: RelayScene): { readonly calls: number } {
  const { faults } = aws.world;
  const { take } = faults;
  const count = { calls: 0 };
  faults.take = (site, ...kinds) => {
    if (site.operation === 'PutEvents' && kinds.some((kind) => kind === 'error')) count.calls += 1;
    return take(site, ...kinds);
  };
  return count;
}

t.test(
  'a canary comes through the findings rule within a minute of the start, then every hour',
  async (t) => {
    const scene = await startScene(t);
    const agent = await scene.start();

    await scene.until('a canary', () => lastCanaryAt(agent) !== undefined, 2 * MINUTE_MS);
    const [first = 0] = [lastCanaryAt(agent)];
    await scene.clock.advance(50 * MINUTE_MS);
    const early = lastCanaryAt(agent);
    await scene.clock.advance(13 * MINUTE_MS);
    await agent.stop();

    t.equal(early, first);
    t.ok(
      (lastCanaryAt(agent) ?? 0) - first > 53 * MINUTE_MS,
      'up to a tenth sooner, so that sources keep apart',
    );
    t.match(only(agent.health()), { state: 'quiet' });
    t.same(scene.siem.records, [], 'the SIEM gets none of them');
    const metrics = await agent.metrics();
    t.match(metrics, new RegExp(`^guardrelay_canary_round_trip_seconds${PLACE} \\d`, 'm'));
    t.match(metrics, `guardrelay_canary_failures_total${PLACE} 0`);
    t.match(
      metrics,
      /^guardrelay_aws_requests_total\{service="events",operation="PutEvents",outcome="ok"\} 2$/m,
    );
    t.match(metrics, /^guardrelay_checkpoint_commits_total\{outcome="ok"\} [1-9]/m);
  },
);

t.test(
  'a findings rule that passes nothing on is failing after two canaries, though heartbeats go on',
  async (t) => {
    const scene = await startScene(t);
    const agent = await scene.start();
    await scene.until('a canary', () => lastCanaryAt(agent) !== undefined, 2 * MINUTE_MS);

    putRules(scene.aws, HOME, 'DISABLED', FINDINGS_RULE);
    await scene.clock.advance(HOUR_MS + 20 * MINUTE_MS);
    const broken = only(agent.health());
    putRules(scene.aws, HOME, 'ENABLED', FINDINGS_RULE);
    await scene.clock.advance(HOUR_MS + 2 * MINUTE_MS);
    const mended = only(agent.health());
    await agent.stop();

    t.match(broken, {
      state: 'failing',
      code: 'EB-001',
      reason: /findings rule has not passed on the last \d canaries/,
    });
    t.ok(scene.clock.now() - (broken.lastHeartbeatAt ?? 0) < 2 * HOUR_MS, 'heartbeats came');
    t.match(await agent.metrics(), `guardrelay_canary_failures_total${PLACE} 2`);
    t.match(mended, { state: 'quiet' }, 'it resolves by itself');
  },
);

t.test('one canary that is lost is no alarm', async (t) => {
  const scene = await startScene(t);
  putRules(scene.aws, HOME, 'DISABLED', FINDINGS_RULE);
  const agent = await scene.start();

  await scene.clock.advance(9 * MINUTE_MS);
  const early = only(agent.health());
  putRules(scene.aws, HOME, 'ENABLED', FINDINGS_RULE);
  await scene.clock.advance(4 * MINUTE_MS);
  await agent.stop();

  t.match(early, { state: 'quiet', lastCanaryAt: undefined });
  t.match(only(agent.health()), { state: 'quiet', lastCanaryAt: Number });
});

t.test('a refused canary leaves the heartbeat as the proof, and is not tried again at once', async (t) => {
  const scene = await startScene(t);
  const refusal = { kind: 'error', code: 'AccessDeniedException', message: 'not authorized' } as const;
  scene.aws.world.faults.add({ service: 'events', operation: 'PutEvents', effect: refusal });
  const puts = countPuts(scene);
  const agent = await scene.start();

  await scene.clock.advance(70 * MINUTE_MS);
  await agent.stop();

  t.match(only(agent.health()), { state: 'quiet', reason: /heartbeat/ });
  t.equal(puts.calls, 1);
  const refused = 'service="events",operation="PutEvents",outcome="refused"';
  t.match(await agent.metrics(), `guardrelay_aws_requests_total{${refused}} 1`);
});

t.test('a restarted agent knows the canary of the one before it, and puts no other meanwhile', async (t) => {
  const scene = await startScene(t);
  const puts = countPuts(scene);
  const first = await scene.start();
  await scene.until('it is put', () => puts.calls === 1, 2 * MINUTE_MS);
  await first.stop();

  const second = await scene.start();
  await scene.until('it comes', () => lastCanaryAt(second) !== undefined, 2 * MINUTE_MS);
  await second.stop();

  t.equal(puts.calls, 1);
  t.same(scene.siem.records, []);
});

t.test("somebody else's canary proves nothing and goes out like any event", async (t) => {
  const scene = await startScene(t, { mode: 'off', canary: { enabled: false } });
  const agent = await scene.start();
  const stranger = createCanaries('another secret', 'other');

  putEvent(scene, stranger.issue(SPEC, scene.clock.now()));
  putEvent(scene, { id: 'made up' });
  await scene.until('both arrive', () => scene.siem.records.length === 2);
  await agent.stop();

  t.match(only(agent.health()), { lastCanaryAt: undefined });
  t.match(scene.siem.records, [{ kind: 'unknown' }, { kind: 'unknown' }]);
  t.match(await agent.metrics(), `guardrelay_canary_foreign_total${PLACE} 2`);
});

t.test(
  'a canary that a person asked for goes on to the SIEM, under its id, and can be searched',
  async (t) => {
    const scene = await startScene(t);
    const agent = await scene.start();
    await scene.clock.advance(2 * MINUTE_MS);
    const canaries = await storeCanaries(scene.directory, 'relay-1');
    const detail = canaries?.issue(SPEC, scene.clock.now(), true);

    putEvent(scene, { ...detail });
    putEvent(scene, { ...detail, test: undefined });
    await scene.until('it arrives', () => scene.siem.records.length === 2);
    await agent.stop();
    const index = openSearchIndex({
      path: join(scene.directory, 'search.db'),
      clock: scene.clock,
      ...LIMITS,
    });
    const { records: found } = await index.search({ pattern: detail?.id ?? '', kinds: ['notice'], limit: 9 });
    index.close();

    t.match(
      found,
      [{ what: 'guardrelay.test', key: detail?.id, customer: ACME.id, region: HOME.region, acked: [{}, {}] }],
      'the search index has it, with who has acknowledged it',
    );
    t.match(scene.siem.records.toSorted(byKind), [
      { kind: 'notice', id: detail?.id, type: 'guardrelay.test' },
      { kind: 'unknown' },
    ]);
  },
);

function byKind(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): number {
  return String(one.kind).localeCompare(String(other.kind));
}
