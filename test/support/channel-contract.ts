import t, { type Test } from 'tap';

import type { Channel, ChannelDeps, ChannelOutcome } from '../../agent/notify/channel.ts';
import { channelDeps } from './channel-deps.ts';
import { changed, heardAgain, hostile, huge, silent, started } from './notify/events.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/**
 * How the far side behaves. `take`: as its vendor says, which refuses what is not in its schema. `busy`: too many
 * messages. `down`: a fault of its own. `refuse`: will never take this. `echo`: refuses and repeats all it was sent.
 * `cut`: breaks the connection. `hold`: does not answer.
 */
export type ChannelManner = 'take' | 'busy' | 'down' | 'refuse' | 'echo' | 'cut' | 'hold';

interface ChannelFarSide {
  behave(manner: ChannelManner): void;
  /** So many messages it has taken. */
  taken(): number;
  /** Resolves when it holds a message. */
  holding(): Promise<void>;
  /** Nobody listens any more. */
  stop(): void;
}

export interface ChannelHarness {
  readonly name: string;
  /** How long it asks to wait when it is busy, where it says so. */
  readonly busyMs?: number;
  /** By the references in the options. */
  readonly secrets: Readonly<Record<string, string>>;
  /** A far side, and the options of a channel to it; closed at the end of `t`. */
  start(t: Test): Promise<{ readonly far: ChannelFarSide; open(deps: ChannelDeps): Channel }>;
}

const never = new AbortController().signal;

interface Opened {
  readonly channel: Channel;
  readonly far: ChannelFarSide;
  readonly clock: VirtualClock;
}

/** What every channel must keep, whatever it speaks. */
export function testChannelContract(harness: ChannelHarness): void {
  const { name, busyMs, secrets } = harness;

  async function start(t: Test, given: Readonly<Record<string, string>> = secrets): Promise<Opened> {
    const { far, open } = await harness.start(t);
    // Receivers do not take a signature that is old.
    const clock = createVirtualClock(Date.now());
    const channel = open(channelDeps(clock, given));
    t.teardown(() => channel.close());
    return { channel, far, clock };
  }

  t.test(`${name} keeps the channel contract`, async (t) => {
    const kinds = { trigger: silent(), end: heardAgain(), change: changed(), start: started() };
    for (const [kind, event] of Object.entries(kinds)) {
      t.test(`a ${kind} is taken`, async (t) => {
        const { channel, far } = await start(t);

        t.same(await channel.send(event, never), { kind: 'ok' });
        t.equal(far.taken(), 1);
      });
    }

    for (const [kind, event] of Object.entries({ hostile: hostile(), huge: huge() })) {
      t.test(`a ${kind} event is a message that the vendor takes`, async (t) => {
        const { channel, far } = await start(t);

        t.same(await channel.send(event, never), { kind: 'ok' });
        t.equal(far.taken(), 1);
      });
    }

    for (const manner of ['busy', 'down', 'cut'] as const) {
      t.test(`a far side that is ${manner} is a retry, and takes the message later`, async (t) => {
        const { channel, far } = await start(t);
        far.behave(manner);

        const during = await channel.send(silent(), never);
        far.behave('take');
        const after = await channel.send(silent(), never);

        t.equal(during.kind, 'retry');
        if (manner === 'busy' && busyMs !== undefined) t.match(during, { afterMs: busyMs });
        t.same([after, far.taken()], [{ kind: 'ok' }, 1]);
      });
    }

    t.test('a refusal is one, and says what the far side said', async (t) => {
      const { channel, far } = await start(t);
      far.behave('refuse');

      const outcome = await channel.send(silent(), never);

      t.equal(outcome.kind, 'refused');
      t.match(whyOf(outcome), /127\.0\.0\.1:\d+ answered \d{3}/);
    });

    t.test('nobody there is a retry that names where', async (t) => {
      const { channel, far } = await start(t);
      far.stop();

      const outcome = await channel.send(silent(), never);

      t.equal(outcome.kind, 'retry');
      t.match(whyOf(outcome), /127\.0\.0\.1:\d+/);
    });

    t.test('a far side that does not answer is waited for, but not for ever', async (t) => {
      const { channel, far, clock } = await start(t);
      far.behave('hold');

      const sending = channel.send(silent(), never);
      await far.holding();
      await clock.advance(60_000);
      const outcome = await sending;

      t.equal(outcome.kind, 'retry');
      t.match(whyOf(outcome), /did not answer within \d+ s/);
    });

    t.test('an abort ends the sending, and none begins after it', async (t) => {
      const { channel, far } = await start(t);
      const abort = new AbortController();
      far.behave('hold');

      const sending = channel.send(silent(), abort.signal);
      await far.holding();
      abort.abort();
      const outcomes = [await sending, await channel.send(silent(), abort.signal)];

      t.same(
        outcomes.map(({ kind }) => kind),
        ['retry', 'retry'],
      );
    });

    t.test('closing ends the sending, is safe twice, and nothing goes out after it', async (t) => {
      const { channel, far } = await start(t);
      far.behave('hold');

      const sending = channel.send(silent(), never);
      await far.holding();
      await Promise.all([channel.close(), channel.close()]);
      const outcomes = [await sending, await channel.send(silent(), never)];

      t.same(
        outcomes.map(({ kind }) => kind),
        ['retry', 'retry'],
      );
    });

    t.test(
      'no secret stands in what became of a message, though the far side repeats them all',
      async (t) => {
        const { channel, far } = await start(t);
        far.behave('echo');

        const outcome = await channel.send(silent(), never);

        t.not(outcome.kind, 'ok');
        const why = whyOf(outcome);
        t.same(
          Object.values(secrets).filter((secret) => formsOf(secret).some((form) => why.includes(form))),
          [],
          why,
        );
      },
    );

    for (const missing of Object.keys(secrets)) {
      t.test(`without the secret ${missing} it is refused, and nothing is sent`, async (t) => {
        const { [missing]: _, ...others } = secrets;
        const { channel, far } = await start(t, others);

        const outcome = await channel.send(silent(), never);

        t.equal(outcome.kind, 'refused');
        t.match(whyOf(outcome), `the secret ${missing}`);
        t.equal(far.taken(), 0);
      });
    }
  });
}

function whyOf(outcome: ChannelOutcome): string {
  return outcome.kind === 'ok' ? '' : outcome.why;
}

/** As it may stand in what is repeated. */
function formsOf(secret: string): readonly string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')];
}
