import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { openFullScreen } from '../../console/terminal/full-screen.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { stopSignal } from '../stop-signal.ts';
import { askFacts, type TopFacts } from './top-facts.ts';
import { FIRST_WISHES, pressed } from './top-keys.ts';
import { topLines } from './top-view.ts';
import { createTrends } from './trends.ts';

interface TopArguments extends ScreenWishes {
  readonly config?: string | undefined;
}

const EVERY_MS = 1_000;
/** The agent has other work: at most a tenth of the time it answers this. */
const LEAST_PAUSE = 9;

/** The dashboard, until somebody ends it. */
export async function runTop(argv: TopArguments): Promise<ExitCode> {
  if (!process.stdin.isTTY || !process.stdout.isTTY || process.env.TERM === 'dumb') throw noTerminal();
  const config = await loadConfig(argv.config, process.env);
  const interrupted = stopSignal();
  const { color } = screenFor(argv, process.env, process.stdout);
  try {
    await show(config, await askFacts(config, interrupted), { color, interrupted });
  } catch (error) {
    if (!interrupted.aborted) throw error;
  }
  return interrupted.aborted ? EXIT.interrupted : EXIT.done;
}

interface Showing {
  readonly color: boolean;
  readonly interrupted: AbortSignal;
}

async function show(config: Config, first: TopFacts, { color, interrupted }: Showing): Promise<void> {
  const ended = new AbortController();
  const stop = AbortSignal.any([interrupted, ended.signal]);
  const trendsOf = createTrends();
  let page = { agentId: config.agent.id, facts: first, trends: trendsOf(first), wishes: FIRST_WISHES };
  let trouble: string | undefined;
  using screen = openFullScreen({
    input: process.stdin,
    output: process.stdout,
    resized: () => draw(),
    pressed(key) {
      const wishes = pressed(page.wishes, key);
      if (wishes === 'quit') return ended.abort();
      page = { ...page, wishes };
      draw();
    },
  });

  function draw(): void {
    screen.draw(topLines({ ...page, trouble }, { ...screen.size, color }));
  }

  for (let tookMs = 0; !stop.aborted; ) {
    draw();
    await systemClock.sleep(Math.max(EVERY_MS, LEAST_PAUSE * tookMs), stop);
    const begunAt = systemClock.monotonic();
    try {
      const facts = await askFacts(config, stop);
      page = { ...page, facts, trends: trendsOf(facts) };
      trouble = undefined;
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
    }
    tookMs = systemClock.monotonic() - begunAt;
  }
}

function noTerminal(): GuardrelayError {
  return new GuardrelayError('CLI-001', 'top draws on a terminal, and here is none.', {
    exitCode: EXIT.usage,
    fix: 'guardrelay status --watch prints a line for each change.',
  });
}
