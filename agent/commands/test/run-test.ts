import type { AwsClientsOptions } from '../../aws/clients.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { mapBounded } from '../../discover/bounded.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { selectCustomers } from '../select-customers.ts';
import { selectDestination } from '../select-destination.ts';
import { isTimedOut, limitedSignal } from '../stop-signal.ts';
import { testAgent } from './agent.ts';
import { createTestBoard } from './board.ts';
import { testExit } from './exit.ts';
import { type PlaceWishes, testedCustomers } from './places.ts';
import { testRegions } from './regions.ts';
import type { Passage, TestStep, TimedStep } from './steps.ts';

export interface TestArguments extends ScreenWishes, PlaceWishes {
  readonly config?: string | undefined;
  readonly via: 'agent' | 'events' | 'guardduty';
  readonly dest?: string | undefined;
  readonly timeout: number;
  readonly noVerify: boolean;
  readonly strict: boolean;
  readonly type: string;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
  /** Absent: those of the environment. */
  readonly ownCredentials?: AwsClientsOptions['ownCredentials'] | undefined;
}

/** The way of one record, as it is seen. */
export interface Expedition {
  readonly passage: Passage;
  follow(): AsyncIterable<TestStep>;
}

/** What every depth of a test works with. */
export interface TestContext {
  readonly argv: TestArguments;
  /** Of the tested customers and destinations. */
  readonly config: Config;
  readonly signal: AbortSignal;
  note(text: string): void;
  /** Follows them all, and tells each step. */
  travel(expeditions: readonly Expedition[]): Promise<void>;
}

const AT_ONCE = 16;

/** Sends test records, and tells how far each has come. */
export async function runTest(argv: TestArguments): Promise<ExitCode> {
  const loaded = await loadConfig(argv.config, process.env);
  const selected = selectDestination(selectCustomers(loaded, argv.customer), argv.dest);
  const config = { ...selected, customers: testedCustomers(selected.customers, argv) };
  const signal = limitedSignal(argv.timeout);
  const begunAt = systemClock.monotonic();
  const board = createTestBoard({
    ...argv,
    screen: screenFor(argv, process.env, process.stdout),
    ...process,
  });
  const steps: TimedStep[] = [];
  const isStopped = (): boolean => signal.aborted && !isTimedOut(signal);
  const context: TestContext = {
    ...{ argv, config, signal, note: board.note },
    async travel(expeditions) {
      board.begin(expeditions.map(({ passage }) => passage));
      await mapBounded(expeditions, AT_ONCE, async ({ passage, follow }) => {
        for await (const step of follow()) {
          // Whoever stops the test is told nothing that only means that.
          if (isStopped()) return;
          const timed = { passage, step, afterMs: systemClock.monotonic() - begunAt };
          steps.push(timed);
          board.tell(timed);
        }
      });
    },
  };
  await (argv.via === 'agent' ? testAgent(context) : testRegions(context));
  const code = isStopped() ? EXIT.interrupted : testExit(steps, argv.strict);
  board.end(steps, { code, now: systemClock.now() });
  return code;
}
