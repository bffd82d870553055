import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';

import { createBucket } from '../../agent/aws/bucket.ts';
import { heardByMembers } from '../../agent/commands/view/member-ear.ts';
import { createRecordMeter } from '../../agent/health/record-meter.ts';
import { changeBetween, type KeptMember } from '../../agent/members/kept-members.ts';
import { lookAtMembers } from '../../agent/members/member-look.ts';
import { type MemberStore, openMemberStore, readUnsettled } from '../../agent/members/member-store.ts';
import { createMemberWatch, type MemberWatch } from '../../agent/members/member-watch.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { countMembers, type MemberFacts, needsAttention } from '../../agent/model/member-facts.ts';
import { memberStatus } from '../../agent/model/member-status.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import { ACCOUNT, HOME, startTestAws, type TestAws } from '../support/local-aws.ts';
import { networkRest } from '../support/network-rest.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const [PAY, LAB] = ['444455556666', '777788889999'] as const;
const PLACE = { customer: 'acme', administrator: ACCOUNT, region: HOME.region };
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

interface Watched extends TestAws {
  readonly store: MemberStore;
  readonly watch: MemberWatch;
  /** ListMembers calls so far. */
  looks(): number;
  /** Ends this agent and starts another with the same data directory. */
  restart(): Promise<Watched>;
  statuses(): readonly string[];
}

/** An administrator with two members, watched every 60 minutes. */
async function startWatched(t: Test): Promise<Watched> {
  const test = await startTestAws(t, createVirtualClock(Date.UTC(2026, 0, 1), networkRest));
  const { detectors, members } = test.aws.guardDuty;
  detectors.create(HOME, {});
  for (const account of [PAY, LAB]) {
    test.aws.world.accounts.add({ id: account });
    members.create(HOME, account, 'm@example.com');
    members.invite(HOME, account);
    members.mark(HOME, account, 'Enabled');
  }
  let looks = 0;
  test.aws.watch(({ action }) => {
    if (action === 'guardduty:ListMembers') looks += 1;
  });
  const dataDir = t.testdir({});
  const clients = clientsOf(t, test);

  async function start(): Promise<Watched> {
    const { clock } = test;
    const stop = new AbortController();
    const store = openMemberStore(dataDir);
    const scope = { ...OWN_SCOPE, account: ACCOUNT };
    const pace = createBucket(100, clock);
    const watch = createMemberWatch({
      ...{ store, clock, logger: silentLogger },
      places: () => [{ ...PLACE, everyMinutes: 60 }],
      look: ({ region }, signal) => lookAtMembers({ clients, scope, region, pace, signal }),
    });
    const ended = watch.run(stop.signal);
    let isOpen = true;
    const end = async (): Promise<void> => {
      if (!isOpen) return;
      isOpen = false;
      stop.abort();
      await ended;
      store.close();
    };
    t.teardown(end);
    await clock.advance(1_000);
    return {
      ...{ ...test, store, watch },
      looks: () => looks,
      statuses: () => store.unsettled().map(({ account, status }) => `${account} ${status}`),
      async restart() {
        await end();
        return start();
      },
    };
  }

  return start();
}

/** What CloudTrail says of a call, as the agent hands it on. */
function call(eventName: string): readonly RenderableRec[] {
  const message = JSON.stringify({
    ...{ source: 'aws.guardduty', 'detail-type': 'AWS API Call via CloudTrail', account: PAY },
    ...{ region: HOME.region, id: 'e', time: '2026-01-01T00:00:00Z', resources: [], version: '0' },
    detail: {
      eventName,
      eventSource: 'guardduty.amazonaws.com',
      awsRegion: HOME.region,
      recipientAccountId: PAY,
    },
  });
  const event = { id: '1', timestamp: 0, ingestionTime: 0, stream: 's', message };
  const source = { ...PLACE, account: PAY, partition: 'aws', logGroup: '/g' };
  return normalize(event, source, { heartbeatRule: 'guardrelay-heartbeat' }).filter(
    (record) => record.kind === 'config-change',
  );
}

t.test('members are looked at once at the start, and then at their pace', async (t) => {
  const { clock, store, looks, statuses, aws } = await startWatched(t);

  t.same([looks(), statuses()], [1, []]);
  t.same(store.counts(), [{ customer: 'acme', status: 'enabled', accounts: 2 }]);
  aws.guardDuty.members.mark(HOME, PAY, 'Resigned');
  await clock.advance(59 * MINUTE_MS);
  t.same([looks(), statuses()], [1, []]);
  await clock.advance(MINUTE_MS);

  t.same([looks(), statuses()], [2, [`${PAY} resigned`]]);
  t.same(store.counts(), [
    { customer: 'acme', status: 'resigned', accounts: 1 },
    { customer: 'acme', status: 'enabled', accounts: 1 },
  ]);
  aws.guardDuty.members.mark(HOME, PAY, 'Enabled');
  await clock.advance(60 * MINUTE_MS);
  t.same(statuses(), []);
});

t.test(
  'a call that touches members brings the look forward, but not more often than twice a minute',
  async (t) => {
    const { aws, clock, watch, looks, statuses } = await startWatched(t);
    await clock.advance(MINUTE_MS);
    aws.guardDuty.members.mark(HOME, PAY, 'Resigned');

    watch.heard(call('UpdateDetector'));
    await clock.advance(5_000);
    t.equal(looks(), 1, 'not by another call');
    watch.heard(call('DisassociateFromMasterAccount'));
    await clock.advance(5_000);

    t.same([looks(), statuses()], [2, [`${PAY} resigned`]]);
    for (let at = 0; at < 4; at += 1) {
      watch.heard(call('DisassociateFromAdministratorAccount'));
      await clock.advance(5_000);
    }
    t.equal(looks(), 2);
    await clock.advance(10_000);
    t.equal(looks(), 3);
  },
);

t.test('what is handed on to the SIEMs is heard, and counted as before', async (t) => {
  const { aws, clock, watch, statuses } = await startWatched(t);
  const counted: RenderableRec[] = [];
  const meter = createRecordMeter({ customers: ['acme'], destinations: [] });
  const counting = {
    ...meter,
    handedOut: (_: unknown, records: readonly RenderableRec[]) => counted.push(...records),
  };
  const source = { ...PLACE, source: 's', account: ACCOUNT, partition: 'aws', logGroup: '/g' };
  await clock.advance(MINUTE_MS);
  aws.guardDuty.members.mark(HOME, PAY, 'Disabled');

  heardByMembers(counting, watch).handedOut(source, call('StopMonitoringMembers'));
  await clock.advance(5_000);

  t.same([counted.length, statuses()], [1, [`${PAY} paused`]]);
  t.equal(heardByMembers(counting, undefined), counting, 'nobody listens');
});

t.test('a restart neither looks again before time nor forgets', async (t) => {
  const first = await startWatched(t);
  const { aws, clock } = first;
  aws.guardDuty.members.mark(HOME, LAB, 'Disabled');
  await clock.advance(60 * MINUTE_MS);

  const second = await first.restart();
  await clock.advance(MINUTE_MS);

  t.equal(second.looks(), 2);
  t.same(second.statuses(), [`${LAB} paused`]);
});

t.test('a look that fails is made again soon, one that is refused the next day', async (t) => {
  const { aws, clock, looks, statuses } = await startWatched(t);
  const failing = (code: string) =>
    aws.world.faults.add({
      operation: 'ListMembers',
      effect: {
        kind: 'error',
        code,
        message: 'no',
        statusCode: code === 'AccessDeniedException' ? 403 : 500,
      },
    });
  const heal = failing('InternalServerErrorException');
  aws.guardDuty.members.mark(HOME, PAY, 'Resigned');

  await clock.advance(60 * MINUTE_MS);
  heal();
  await clock.advance(5 * MINUTE_MS);
  t.same(statuses(), [`${PAY} resigned`]);
  const allow = failing('AccessDeniedException');
  await clock.advance(60 * MINUTE_MS);
  allow();
  const before = looks();
  await clock.advance(23 * 60 * MINUTE_MS);

  t.equal(looks(), before);
  t.same(statuses(), [`${PAY} resigned`], 'what was known stays');
  await clock.advance(60 * MINUTE_MS);
  t.equal(looks(), before + 1);
});

t.test('a look that fails after a call was heard is not made again at every turn', async (t) => {
  const { watch, clock, looks } = watchThatFails(t, {});
  await clock.advance(MINUTE_MS);
  watch.heard(call('DisassociateFromMasterAccount'));

  await clock.advance(2 * MINUTE_MS);
  const soon = looks();
  await clock.advance(3 * MINUTE_MS);

  t.same([soon, looks()], [1, 2]);
});

t.test('a disk that takes nothing ends no watch', async (t) => {
  const { clock, looks, errors } = watchThatFails(t, {
    forgetOthers() {
      throw new Error('disk full');
    },
  });

  await clock.advance(MINUTE_MS);

  t.same([looks(), errors], [0, ['what is known of members cannot be kept']]);
});

t.test('a look that cannot be kept is made again as one that failed', async (t) => {
  const { clock, looks } = watchThatFails(t, {
    save() {
      throw new Error('disk full');
    },
  });

  await clock.advance(6 * MINUTE_MS);

  t.equal(looks(), 2);
});

const NO_ANSWER = { cause: 'unreachable', code: 'AWS-002', text: 'no answer' } as const;
const NO_MEMBERS = { kind: 'members', members: [] } as const;

/** A watch over one place where no look succeeds. */
function watchThatFails(t: Test, change: Partial<MemberStore>) {
  const clock = createVirtualClock(Date.UTC(2026, 0, 1));
  const kept = openMemberStore(t.testdir({}));
  const stop = new AbortController();
  const errors: string[] = [];
  let looks = 0;
  const watch = createMemberWatch({
    ...{ store: { ...kept, ...change }, clock },
    logger: { ...silentLogger, error: (message) => void errors.push(message) },
    places: () => [{ ...PLACE, everyMinutes: 60 }],
    async look() {
      looks += 1;
      return change.save ? NO_MEMBERS : { kind: 'failed', failure: NO_ANSWER };
    },
  });
  const ended = watch.run(stop.signal);
  t.teardown(async () => {
    stop.abort();
    await ended;
    kept.close();
  });
  return { watch, clock, errors, looks: () => looks };
}

t.test('a damaged file is made anew, and who only reads needs none', async (t) => {
  const dataDir = t.testdir({});
  t.same(readUnsettled(dataDir), []);
  writeFileSync(join(dataDir, 'members.db'), 'x'.repeat(4_096));
  t.same(readUnsettled(dataDir), []);

  const store = openMemberStore(dataDir);
  t.teardown(() => store.close());
  const paused = facts('Disabled');
  store.save(PLACE, { at: 1, isBlind: false }, { put: [paused, facts('Enabled', LAB)], drop: [] });

  t.match(readUnsettled(dataDir), [paused]);
  t.equal(store.all('acme').length, 2);
  store.forgetOthers([{ ...PLACE, region: 'us-east-1' }], 1);
  t.equal(store.all('acme').length, 2, 'not before its time');
  store.forgetOthers([{ ...PLACE, region: 'us-east-1' }], 2);
  t.same([store.all('acme'), store.counts()], [[], []]);
});

const NOW = 10 * DAY_MS;

function facts(text: string, account: string = PAY, since = NOW - DAY_MS): MemberFacts {
  return { ...PLACE, account, email: 'm@example.com', text, status: memberStatus(text), since };
}

t.test('what changes between two looks', (t) => {
  const gone = (days: number): KeptMember => ({ ...facts('Deleted'), goneAt: NOW - days * DAY_MS });
  const rows: readonly [
    what: string,
    kept: readonly KeptMember[],
    seen: readonly MemberFacts[],
    put: readonly string[],
    drop: readonly string[],
  ][] = [
    ['the first look', [], [facts('Enabled')], ['enabled'], []],
    ['nothing', [facts('Enabled')], [facts('Enabled')], [], []],
    ['another status', [facts('Enabled')], [facts('Resigned')], ['resigned'], []],
    ['the same again, later', [facts('Invited')], [facts('Invited', PAY, NOW)], ['invited'], []],
    ['a member that is listed no more', [facts('Enabled')], [], ['removed'], []],
    ['a paused one, too', [facts('Disabled')], [], ['removed'], []],
    ['one that had left is forgotten', [facts('Resigned')], [], [], [PAY]],
    ['one that never was a member, too', [facts('Invited')], [], [], [PAY]],
    ['one that is gone for six days', [gone(6)], [], [], []],
    ['for eight days', [gone(8)], [], [], [PAY]],
    ['one that comes back', [gone(6)], [facts('Enabled')], ['enabled'], []],
  ];

  for (const [what, kept, seen, put, drop] of rows) {
    const change = changeBetween(kept, seen, NOW);
    t.same([change.put.map(({ status }) => status), change.drop], [put, drop], what);
  }
  t.end();
});

t.test('an invitation needs attention after seven days, and each account is counted once', (t) => {
  const rows: readonly [text: string, days: number, needs: boolean][] = [
    ['Enabled', 99, false],
    ['Invited', 7, false],
    ['Invited', 8, true],
    ['EmailVerificationInProgress', 8, true],
    ['Created', 8, true],
    ['Resigned', 0, true],
    ['Removed', 0, true],
    ['Disabled', 0, true],
    ['EmailVerificationFailed', 0, true],
    ['AccountSuspended', 99, false],
    ['Suspicious', 0, true],
  ];
  for (const [text, days, needs] of rows) {
    t.equal(needsAttention(facts(text, PAY, NOW - days * DAY_MS), NOW), needs, `${text} for ${days} days`);
  }
  const elsewhere = { ...facts('Enabled'), region: 'us-east-1' };

  t.match(countMembers([facts('Resigned'), elsewhere, facts('Enabled', LAB)]), {
    resigned: 1,
    enabled: 1,
    invited: 0,
  });
  t.end();
});
