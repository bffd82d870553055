import t from 'tap';

import type { SourceRow } from '../../agent/health/overview.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Place } from '../../agent/localaws/service.ts';
import { HOME } from '../support/local-aws.ts';
import { createRandom, type Random } from '../support/random.ts';
import { ACME, setScene } from '../support/relay-scene.ts';
import { furnish, POLICY, putPolicy, putRules } from '../support/stack-contents.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const LOOK_MINUTES = 15;
const LIFE_MINUTES = 80;
const RESTART_MINUTES = 45;
const REGIONS = ['eu-west-1', 'us-east-1', 'us-west-2'];
/** Two polls, and the minute between two of our looks. */
const SLACK_MINUTES = 3;
/** What was denied is asked again after a quarter of an hour at most; all else shows sooner. */
const RECOVERY_MINUTES = 15 + SLACK_MINUTES;

interface Fault {
  readonly name: string;
  /** So long it may look sound. */
  readonly minutes: number;
  /** Answers with what mends it. */
  breaks(aws: LocalAws, place: Place): () => void;
}

function refusing(aws: LocalAws, { region }: Place, code: string): () => void {
  const effect = { kind: 'error', code, message: 'no' } as const;
  return aws.world.faults.add({ service: 'logs', operation: 'FilterLogEvents', region, effect });
}

const FAULTS: readonly Fault[] = [
  {
    name: 'policy removed',
    minutes: 17,
    breaks(aws, place) {
      aws.logs.policies(place).deleteForAccount(POLICY);
      return () => putPolicy(aws, place);
    },
  },
  {
    name: 'changes rule disabled',
    minutes: LOOK_MINUTES,
    breaks(aws, place) {
      putRules(aws, place, 'DISABLED', 'guardrelay-changes');
      return () => putRules(aws, place, 'ENABLED', 'guardrelay-changes');
    },
  },
  {
    name: 'detector off',
    minutes: LOOK_MINUTES,
    breaks({ guardDuty: { detectors } }, place) {
      const { id = '' } = detectors.find(place) ?? {};
      detectors.update(place, id, { enabled: false });
      return () => detectors.update(place, id, { enabled: true });
    },
  },
  {
    name: 'reading denied',
    minutes: 5,
    breaks: (aws, place) => refusing(aws, place, 'AccessDeniedException'),
  },
  {
    name: 'reading throttled',
    minutes: 10,
    breaks: (aws, place) => refusing(aws, place, 'ThrottlingException'),
  },
];

/** A region to which things happen, one after the other. */
class RegionLife {
  readonly place: Place;
  readonly #aws: LocalAws;
  readonly #random: Random;
  fault: Fault | undefined;
  #mend = (): void => {};
  #turnAt: number;
  /** Since when it is as it is. */
  since: number;

  constructor(aws: LocalAws, region: string, random: Random) {
    this.place = { ...HOME, region };
    this.#aws = aws;
    this.#random = random;
    this.since = aws.world.clock.now();
    this.#turnAt = this.since + (12 + random.below(10)) * MINUTE_MS;
    furnish(aws, this.place);
  }

  live(now: number): void {
    if (now < this.#turnAt) return;
    if (this.fault) this.#mend();
    this.fault = this.fault ? undefined : this.#random.pick(FAULTS);
    if (this.fault) this.#mend = this.fault.breaks(this.#aws, this.place);
    this.since = now;
    this.#turnAt = now + (15 + this.#random.below(25)) * MINUTE_MS;
  }
}

function isGreen({ state }: SourceRow): boolean {
  return state === 'ok' || state === 'quiet';
}

/** What is wrong with this verdict; undefined: nothing. */
function wrongIn(row: SourceRow, life: RegionLife, now: number): string | undefined {
  const { lastReadAt = 0, lastHeartbeatAt = 0, since = 0 } = row;
  const minutes = (now - life.since) / MINUTE_MS;
  if (since > now) return 'it begins in the future';
  if (isGreen(row) && now - lastReadAt >= (10 + SLACK_MINUTES) * MINUTE_MS) return 'green, and not read';
  if (isGreen(row) && lastReadAt - lastHeartbeatAt > 17 * MINUTE_MS) return 'green on an old heartbeat';
  if (life.fault && minutes > life.fault.minutes + SLACK_MINUTES && isGreen(row)) return 'green, and broken';
  if (!life.fault && minutes > RECOVERY_MINUTES && !isGreen(row)) return 'mended, and not green';
  return undefined;
}

/** What is wrong in any of the regions; whatever is seen of a fault is noted in `told`. */
function wrongNow(
  rows: readonly SourceRow[],
  lives: readonly RegionLife[],
  { now, told }: { readonly now: number; readonly told: Set<string> },
): readonly string[] {
  return lives.flatMap((life) => {
    const row = rows.find(({ region }) => region === life.place.region);
    if (!row) return 'a region is not there';
    if (life.fault && !isGreen(row)) told.add(life.fault.name);
    const wrong = wrongIn(row, life, now);
    return wrong ? [life.fault?.name, wrong, row.state, row.code].join(' ') : [];
  });
}

t.test('an agent whose regions break and are mended is never green without evidence', async (t) => {
  const random = createRandom(1);
  const settings = { health: { plumbingMinutes: LOOK_MINUTES } };
  const scene = await setScene(t, { customers: [{ ...ACME, regions: REGIONS, settings }] });
  const lives = REGIONS.map((region) => new RegionLife(scene.aws, region, random));
  const told = new Set<string>();
  const wrong: string[] = [];
  let agent = await scene.start();

  for (let minute = 1; minute <= LIFE_MINUTES; minute += 1) {
    if (minute % RESTART_MINUTES === 0) {
      await agent.stop();
      agent = await scene.start();
    }
    for (const life of lives) life.live(scene.clock.now());
    await scene.clock.advance(MINUTE_MS);
    const now = scene.clock.now();
    wrong.push(...wrongNow(agent.health(), lives, { now, told }).map((each) => `${minute} ${each}`));
  }
  await agent.stop();

  t.same(wrong, []);
  t.ok(told.size >= 3, [...told].join());
});

t.test('an agent that was off for an hour says nothing of a source until it has read it', async (t) => {
  const scene = await setScene(t);
  furnish(scene.aws, HOME);
  const first = await scene.start();
  await scene.clock.advance(12 * MINUTE_MS);
  const before = first.health();
  await first.stop();
  await scene.clock.advance(60 * MINUTE_MS);

  const mend = refusing(scene.aws, HOME, 'ThrottlingException');
  const second = await scene.start();
  await scene.clock.advance(MINUTE_MS);
  const waiting = second.health();
  await scene.clock.advance(19 * MINUTE_MS);
  const late = second.health();
  mend();
  await scene.clock.advance(6 * MINUTE_MS);
  await second.stop();

  t.match(before, [{ state: 'quiet' }]);
  t.match(waiting, [{ state: 'pending', reason: /throttles/ }]);
  t.match(late, [{ state: 'failing', code: 'AWS-001' }]);
  t.match(second.health(), [{ state: 'quiet' }]);
});
