import t from 'tap';

import { type Companion, runBeside } from '../../agent/commands/session/run-beside.ts';
import { type LogFields, silentLogger } from '../../agent/model/logger.ts';
import type { AgentReport } from '../../agent/relay/agent.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const REPORT: AgentReport = { ends: new Map(), sources: [], leftOut: [] };

/** Lives until it is stopped. */
const lasting: Companion = {
  run: (stop) => new Promise((resolve) => stop.addEventListener('abort', () => resolve(), { once: true })),
};

/** An agent that relays until `end` is called. */
function scene() {
  const clock = createVirtualClock();
  const stopping = new AbortController();
  const end = Promise.withResolvers<void>();
  const said: LogFields[] = [];
  const logger = { ...silentLogger, error: (_: string, fields?: LogFields) => void said.push(fields ?? {}) };
  const agent = { run: () => end.promise.then(() => REPORT) };
  return {
    ...{ clock, said, end: () => end.resolve(), stop: () => stopping.abort() },
    run: (companions: Record<string, Companion>) =>
      runBeside(agent, companions, { stop: stopping.signal, clock, logger }),
  };
}

t.test('a part that fails is begun anew, later each time, and ends nothing else', async (t) => {
  const { clock, said, end, run } = scene();
  let begun = 0;
  const failing: Companion = {
    async run() {
      begun += 1;
      throw new Error('its disk is full');
    },
  };

  const ran = run({ failing, lasting });
  await clock.advance(0);
  t.match(said, [{ part: 'failing', error: { message: 'its disk is full' } }]);
  const counts: number[] = [];
  for (const ms of [999, 1, 1_999, 1, 4_000]) {
    await clock.advance(ms);
    counts.push(begun);
  }
  end();

  t.same(counts, [1, 2, 2, 3, 4], 'after 1, 2 and 4 seconds');
  t.equal(await ran, REPORT, 'and the agent was never told');
});

t.test('a part that works again stays', async (t) => {
  const { clock, said, end, run } = scene();
  let tries = 0;
  const healing: Companion = {
    async run(stop) {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      await lasting.run(stop);
    },
  };

  const ran = run({ healing });
  await clock.advance(3_600_000);
  end();
  await ran;

  t.equal(tries, 2);
  t.equal(said.length, 1);
});

t.test('what still runs of a part that failed is told to stop', async (t) => {
  const { clock, end, run } = scene();
  const signals: AbortSignal[] = [];
  const half: Companion = {
    async run(stop) {
      signals.push(stop);
      if (signals.length > 1) return;
      await Promise.all([lasting.run(stop), Promise.reject(new Error('the other half'))]);
    },
  };

  const ran = run({ half });
  await clock.advance(1_000);
  end();
  await ran;

  t.match(signals, [{ aborted: true }, {}]);
});

t.test('a part that fails when it is stopped is not begun anew', async (t) => {
  const { clock, said, stop, end, run } = scene();
  let begun = 0;
  const bitter: Companion = {
    async run(signal) {
      begun += 1;
      await lasting.run(signal);
      throw new Error('not saved');
    },
  };

  const ran = run({ bitter });
  await clock.advance(0);
  stop();
  end();
  await ran;

  t.equal(begun, 1);
  t.match(said, [{ part: 'bitter' }]);
});
