import t, { type Test } from 'tap';

import { EVERYTHING } from '../../agent/commands/doctor/agenda.ts';
import { CHECK_CODES, examine } from '../../agent/commands/doctor/examine.ts';
import { SILENT_TALLY } from '../../agent/commands/doctor/progress.ts';
import type { Examination } from '../../agent/commands/doctor/rows.ts';
import type { SourceRow } from '../../agent/health/overview.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Place } from '../../agent/localaws/service.ts';
import type { ErrorCode } from '../../agent/model/error.ts';
import { clientsOf } from '../support/aws-clients.ts';
import { customerOf, resultsIn } from '../support/checked-world.ts';
import { ACCOUNT, HOME } from '../support/local-aws.ts';
import { ACME, type RelayScene, setScene } from '../support/relay-scene.ts';
import {
  changePatterns,
  furnish,
  POLICY,
  putPolicy,
  putRules,
  putTargets,
  removeTargets,
} from '../support/stack-contents.ts';
import { finish } from '../support/virtual-clock.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** The scene's rules and log groups stand in no stack. */
const PATH_CODES = CHECK_CODES.filter((code) => !code.startsWith('CFN-'));
const WITH_CANARY = { heartbeat: { canary: { enabled: true } } };

function placeIn(region: string): Place {
  return { ...HOME, region };
}

interface Breakage {
  readonly name: string;
  readonly region: string;
  /** The checks of doctor that fail. */
  readonly codes: readonly ErrorCode[];
  breaks(aws: LocalAws, place: Place): void;
  mends(aws: LocalAws, place: Place): void;
}

const BREAKAGES: readonly Breakage[] = [
  {
    name: 'rules are disabled',
    region: 'us-east-1',
    codes: ['EB-001', 'EB-004'],
    breaks: (aws, place) => putRules(aws, place, 'DISABLED'),
    mends: (aws, place) => putRules(aws, place),
  },
  {
    name: 'patterns are changed',
    region: 'us-west-1',
    codes: ['EB-001', 'EB-004'],
    breaks: changePatterns,
    mends: (aws, place) => putRules(aws, place),
  },
  {
    name: 'targets are removed',
    region: 'us-west-2',
    codes: ['EB-002'],
    breaks: removeTargets,
    mends: (aws, place) => putTargets(aws, place),
  },
  {
    name: 'the resource policy is removed',
    region: 'eu-west-1',
    codes: ['LOG-003'],
    breaks: (aws, place) => aws.logs.policies(place).deleteForAccount(POLICY),
    mends: (aws, place) => putPolicy(aws, place),
  },
  {
    name: 'targets end with :*',
    region: 'eu-west-2',
    codes: ['EB-002'],
    breaks: (aws, place) => putTargets(aws, place, ':*'),
    mends: (aws, place) => putTargets(aws, place),
  },
];

/** What `guardrelay doctor` sees there. */
function doctor(t: Test, { aws, clock }: RelayScene, regions: readonly string[]): Promise<Examination> {
  const clients = clientsOf(t, { aws, clock, keys: aws.world.principals.addUser(ACCOUNT, 'doctor') });
  const { signal } = new AbortController();
  const customers = [customerOf({ auth: { type: 'default' }, regions })];
  return finish(
    clock,
    examine(customers, {
      ...{ clients, clock, signal, only: PATH_CODES, isChosen: () => true },
      ...{ agenda: EVERYTHING, tally: SILENT_TALLY },
    }),
  );
}

function failingIn(examination: Examination, region: string): readonly string[] {
  return Object.entries(resultsIn(examination, region)).flatMap(([code, { kind }]) =>
    kind === 'passed' ? [] : [code],
  );
}

function statesOf(rows: readonly SourceRow[]): Readonly<Record<string, string>> {
  return Object.fromEntries(rows.map(({ region, state }) => [region, state]));
}

function everywhere(state: string): Readonly<Record<string, string>> {
  return Object.fromEntries(BREAKAGES.map(({ region }) => [region, state]));
}

t.test('S30 a path that is broken is named by doctor at once, and silent within 17 minutes', async (t) => {
  const regions = [HOME.region, ...BREAKAGES.map(({ region }) => region)];
  const scene = await setScene(t, { customers: [{ ...ACME, regions, settings: WITH_CANARY }] });
  const { clock, aws } = scene;
  for (const region of regions) furnish(aws, placeIn(region));
  aws.trails.add({
    ...{ name: 'audit', account: ACCOUNT, homeRegion: HOME.region, isMultiRegion: true, isLogging: true },
    eventSelectors: [{ ReadWriteType: 'WriteOnly' }],
  });
  const agent = await scene.start();
  await clock.advance(10 * MINUTE_MS + SECOND_MS);
  const before = statesOf(agent.health());

  for (const { region, breaks } of BREAKAGES) breaks(aws, placeIn(region));
  const examination = await doctor(t, scene, regions);
  await clock.advance(15 * MINUTE_MS - SECOND_MS);
  const early = statesOf(agent.health());
  await clock.advance(3 * MINUTE_MS);
  const late = agent.health();
  for (const { region, mends } of BREAKAGES) mends(aws, placeIn(region));
  await clock.advance(7 * MINUTE_MS);

  const quiet = { [HOME.region]: 'quiet', ...everywhere('quiet') };
  t.same(before, quiet);
  t.same(early, quiet, 'three heartbeats may be missed');
  t.same(statesOf(late), { [HOME.region]: 'quiet', ...everywhere('silent') });
  t.same(failingIn(examination, HOME.region), [], 'the sound region passes every check');
  for (const { name, region, codes } of BREAKAGES) {
    t.same(failingIn(examination, region), codes, name);
    t.match(
      late.find((row) => row.region === region),
      { code: 'SRC-001', reason: 'heartbeat missing' },
      name,
    );
  }
  t.same(statesOf(agent.health()), quiet, 'mended, without a restart');
  await agent.stop();
});
