import { createRedraw } from '../console/terminal/redraw.ts';
import { type Screen, screenFor } from '../console/terminal/screen.ts';
import { renderStatus } from '../console/terminal/status-view.ts';
import { type Demo, openDemo } from '../demo/demo.ts';
import { judgeDelivery } from '../demo/judge.ts';
import { systemClock } from '../model/clock.ts';
import { EXIT, type ExitCode } from '../model/error.ts';
import { type AgentSession, openSession } from './agent-session.ts';
import type { RunArguments } from './run-agent.ts';
import { stopSignal } from './stop-signal.ts';
import { readVersion } from './version.ts';
import { listen } from './view/listen.ts';

export interface DemoArguments extends Pick<RunArguments, 'output' | 'json' | 'noColor'> {
  readonly port: number;
  readonly once: boolean;
}

const ONCE_TIMEOUT_MS = 50_000;
const REPEAT_EVERY_MS = 5_000;
const REDRAW_MS = 1_000;

export async function showDemo(argv: DemoArguments): Promise<ExitCode> {
  const clock = systemClock;
  const interrupted = stopSignal();
  say(
    'guardrelay demo: an AWS in this process, three customers, real GuardDuty findings. Nothing leaves this machine.',
  );
  await using demo = await openDemo({
    clock,
    version: readVersion(),
    page: `127.0.0.1:${argv.port}`,
    signal: interrupted,
    told: (step, detail) => say(`✔ ${step.padEnd(18)} ${detail}`),
  });
  await using session = await openSession({ ...demo, once: false });
  const http = await listen(demo.config, session);
  say(`✔ ${'page'.padEnd(18)} ${http.url}`);
  const done = new AbortController();
  const running = session.run(AbortSignal.any([interrupted, done.signal]));
  try {
    demo.play();
    say(
      `✔ ${'played'.padEnd(18)} ${demo.expected} events through EventBridge into the customers' log groups`,
    );
    const screen = screenFor(argv, process.env, process.stdout);
    const show = { demo, session, screen, redraw: createRedraw(process.stdout) };
    return await (argv.once ? untilDelivered(show, interrupted) : untilStopped(show, interrupted));
  } finally {
    done.abort();
    await running;
    await http.close();
  }
}

interface Show {
  readonly demo: Demo;
  readonly session: AgentSession;
  readonly screen: Screen;
  redraw(text: string): void;
}

/** Ends as soon as every destination has every record, and tells whether each came exactly once. */
async function untilDelivered({ demo, session, screen }: Show, stop: AbortSignal): Promise<ExitCode> {
  const clock = systemClock;
  const deadline = clock.monotonic() + ONCE_TIMEOUT_MS;
  let verdict = judgeDelivery(demo);
  while (!verdict.complete && !stop.aborted && clock.monotonic() < deadline) {
    await clock.sleep(100, stop);
    verdict = judgeDelivery(demo);
  }
  // Acknowledgements are final only when the settle time of syslog is over.
  await untilSettled(session, deadline);
  process.stdout.write(`\n${renderStatus(session.view.overview(), screen, clock.now())}`);
  say(`\n${verdict.text}`);
  if (stop.aborted) return EXIT.interrupted;
  if (!verdict.complete) return EXIT.timeout;
  return verdict.exact ? EXIT.done : EXIT.failure;
}

async function untilSettled({ view }: AgentSession, deadline: number): Promise<void> {
  const isWaiting = (): boolean => view.overview().sources.some(({ waiting }) => waiting > 0);
  while (isWaiting() && systemClock.monotonic() < deadline) await systemClock.sleep(100);
}

/** Keeps findings coming and the status on the screen until Ctrl-C. */
async function untilStopped(show: Show, stop: AbortSignal): Promise<ExitCode> {
  const clock = systemClock;
  let repeatAt = clock.monotonic() + REPEAT_EVERY_MS;
  let repeats = 0;
  let shown = '';
  while (!stop.aborted) {
    if (clock.monotonic() >= repeatAt) {
      show.demo.repeat(repeats);
      repeats += 1;
      repeatAt += REPEAT_EVERY_MS;
    }
    shown = draw(show, shown);
    await clock.sleep(REDRAW_MS, stop);
  }
  say('\nStopped; what was in flight is delivered.');
  return EXIT.done;
}

/** A terminal is redrawn; elsewhere a line is written when something changed. */
function draw({ demo, session, screen, redraw }: Show, shown: string): string {
  const overview = session.view.overview();
  const counts = `delivered ${demo.siem.received.lake.length} to lake, ${demo.siem.received.siem.length} to siem`;
  if (process.stdout.isTTY && screen.output === 'table') {
    const status = renderStatus(overview, screen, systemClock.now());
    const page = demo.config.http.listen;
    redraw(`guardrelay demo · http://${page} · Ctrl-C ends it\n${counts}\n\n${status}`);
    return counts;
  }
  if (counts !== shown) say(counts);
  return counts;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
