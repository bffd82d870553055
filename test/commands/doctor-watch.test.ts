import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import t, { type Test } from 'tap';

import type { AwsClients } from '../../agent/aws/clients.ts';

import { createLineBoard, createScreenBoard } from '../../agent/commands/doctor/board.ts';
import { selectChecks } from '../../agent/commands/doctor/catalog.ts';
import { isSettled } from '../../agent/commands/doctor/exit.ts';
import { SILENT_TALLY } from '../../agent/commands/doctor/progress.ts';
import type { CheckRow } from '../../agent/commands/doctor/rows.ts';
import type { SurveyOptions } from '../../agent/commands/doctor/survey.ts';
import { watch } from '../../agent/commands/doctor/watch.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { clientsOf } from '../support/aws-clients.ts';
import { type CheckedWorld, configurationOf, startCheckedWorld } from '../support/checked-world.ts';
import { placeIn } from '../support/doctor-scene.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { finish } from '../support/virtual-clock.ts';

const REGIONS = ['us-east-1', 'eu-west-1'];
const INTERVAL_MS = 15_000;

function surveyOf(t: Test, world: CheckedWorld, only: readonly string[]): SurveyOptions {
  const parsed = parseConfig(configurationOf({ regions: REGIONS }), {});
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
  const { config } = parsed;
  return {
    config: { ...config, agent: { ...config.agent, dataDir: t.testdir({}) } },
    only: selectChecks(only),
    sendsRecord: false,
    clock: world.clock,
    signal: new AbortController().signal,
    tally: SILENT_TALLY,
    isChosen: () => true,
    openClients: () => clientsOf(t, { ...world, keys: world.relay }),
  };
}

function newsText({ check, region = '-', result }: CheckRow): string {
  return `${region} ${check} ${result.kind}`;
}

/** Notes the name of each call that goes through it. */
function counted(client: EventBridgeClient, calls: string[]): EventBridgeClient {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        calls.push(commandName.replace(/Command$/, ''));
        return next(args);
      },
    { step: 'initialize', name: 'count', override: true },
  );
  return client;
}

t.test('--watch waits until the customer lets the relay in and everything passes', async (t) => {
  const world = await startCheckedWorld(t, REGIONS);
  const { principals } = world.aws.world;
  const role = principals.role(ACCOUNT, 'GuardRelayReader');
  if (!role) throw new Error('no reader role');
  principals.deleteRole(ACCOUNT, 'GuardRelayReader');
  const rules = world.aws.events.rules(placeIn('eu-west-1'));
  rules.put({ ...rules.get('guardrelay-findings'), state: 'DISABLED' });
  const looks: (readonly string[])[] = [];

  const seen = await finish(
    world.clock,
    watch({
      survey: surveyOf(t, world, ['AUTH', 'EB']),
      intervalMs: INTERVAL_MS,
      isSettled: (examination) => isSettled(examination, true),
      show({ news }) {
        looks.push(news.map(newsText));
        if (looks.length === 2) principals.putRole(role);
        if (looks.length === 3) rules.put({ ...rules.get('guardrelay-findings'), state: 'ENABLED' });
      },
    }),
  );

  t.same(looks, [
    ['- AUTH-002 failed'],
    [],
    ['- AUTH-002 passed', 'eu-west-1 EB-001 failed'],
    ['eu-west-1 EB-001 passed'],
  ]);
  t.ok(seen?.rows.every(({ result }) => result.kind === 'passed'));
  t.same(
    new Set(seen?.rows.map(({ region }) => region)),
    new Set([undefined, ...REGIONS]),
    'every region was looked at',
  );
});

t.test(
  'between the first look and the last only what was not well is asked, and one call for each account',
  async (t) => {
    const world = await startCheckedWorld(t, REGIONS);
    const rules = world.aws.events.rules(placeIn('eu-west-1'));
    rules.put({ ...rules.get('guardrelay-findings'), state: 'DISABLED' });
    const counts: (readonly string[])[] = [];
    const calls: string[] = [];
    const survey = surveyOf(t, world, ['EB']);
    const openClients = (): AwsClients => {
      const clients = survey.openClients();
      return {
        ...clients,
        eventbridge: (scope, region) => counted(clients.eventbridge(scope, region), calls),
      };
    };

    await finish(
      world.clock,
      watch({
        survey: { ...survey, openClients },
        intervalMs: INTERVAL_MS,
        isSettled: (examination) => isSettled(examination, false),
        show() {
          counts.push(calls.splice(0));
          if (counts.length === 2) rules.put({ ...rules.get('guardrelay-findings'), state: 'ENABLED' });
        },
      }),
    );

    t.equal(counts.length, 3);
    t.ok((counts[0]?.length ?? 0) > 10, 'the first look asks about everything');
    t.same(
      counts[1],
      ['DescribeRule', 'DescribeRule'],
      'the two rules of the check that failed, in their region',
    );
    t.ok((counts[2]?.length ?? 0) > 10, 'before the end everything is asked once more');
  },
);

t.test('a signal ends the wait with what was seen last', async (t) => {
  const world = await startCheckedWorld(t, REGIONS);
  world.aws.guardDuty.detectors.delete(
    placeIn('us-east-1'),
    world.aws.guardDuty.detectors.find(placeIn('us-east-1'))?.id ?? '',
  );
  const stop = new AbortController();

  const seen = await finish(
    world.clock,
    watch({
      survey: { ...surveyOf(t, world, ['GD']), signal: stop.signal },
      intervalMs: INTERVAL_MS,
      isSettled: (examination) => isSettled(examination, false),
      show: () => stop.abort(),
    }),
  );

  t.match(seen?.rows.map(newsText), ['us-east-1 GD-001 failed']);
});

t.test('a terminal is drawn over, line by line, and never more than fits', (t) => {
  const written: string[] = [];
  const stream = { rows: 5, columns: 20, write: (text: string) => written.push(text) > 0 };
  const board = createScreenBoard(stream);

  board.show('one\ntwo\n', []);
  board.show('1 is a line that is too long\n2\n3\n4\n5\n6\nlast\n', []);
  board.show('done\n', []);

  const bare = written.map((text) => text.replaceAll('\u001b', '^'));
  t.match(bare[0], '\r^[Kone\n^[Ktwo\n^[J');
  t.match(bare[1], '\r^[2A^[K1 is a line that is…\n^[K2\n^[K…\n^[Klast\n^[J');
  t.match(bare[2], '\r^[4A^[Kdone\n^[J');
  t.end();
});

t.test('elsewhere each change is a line, with nothing in it that acts on a terminal', (t) => {
  const written: string[] = [];
  const board = createLineBoard(
    { write: (text: string) => written.push(text) > 0 },
    { now: () => Date.UTC(2026, 0, 1, 21, 37, 50) },
  );
  const where = { customer: 'acme', account: ACCOUNT, region: 'eu-west-1' };

  board.show('', [
    {
      ...where,
      check: 'LOG-004',
      result: { kind: 'failed', code: 'LOG-005', found: 'a \u001b[31mkey', fix: 'Enable it.' },
    },
    { customer: 'acme', account: ACCOUNT, check: 'AUTH-002', result: { kind: 'passed' } },
  ]);

  t.same(written, [
    `21:37:50Z doctor acme ${ACCOUNT} eu-west-1 LOG-004 failed LOG-005: a \\x1b[31mkey\n`,
    `21:37:50Z doctor acme ${ACCOUNT} AUTH-002 ok\n`,
  ]);
  t.end();
});
