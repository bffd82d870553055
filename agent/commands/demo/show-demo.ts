import { readKeys } from '../../console/terminal/keys.ts';
import { createRedraw } from '../../console/terminal/redraw.ts';
import { type Screen, screenFor } from '../../console/terminal/screen.ts';
import { renderStatus } from '../../console/terminal/status-view.ts';
import { type Demo, openDemo } from '../../demo/demo.ts';
import { judgeDelivery } from '../../demo/judge.ts';
import { createStory, type Story } from '../../demo/story.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import type { RunArguments } from '../run/run-agent.ts';
import { type AgentSession, openSession } from '../session/agent-session.ts';
import { memberLine, needyMembers } from '../status/member-line.ts';
import { stopSignal } from '../stop-signal.ts';
import { readVersion } from '../version.ts';
import { listen } from '../view/listen.ts';

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
  let code: ExitCode;
  try {
    demo.play();
    say(
      `✔ ${'played'.padEnd(18)} ${demo.expected} events through EventBridge into the customers' log groups`,
    );
    const screen = screenFor(argv, process.env, process.stdout);
    const show = { demo, session, screen, redraw: createRedraw(process.stdout) };
    code = await (argv.once ? untilDelivered(show, interrupted) : untilStopped(show, interrupted));
  } finally {
    done.abort();
    await running;
    await http.close();
  }
  if (!argv.once) sayStopped(demo);
  return code;
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

/** Keeps findings coming, lets things happen, and keeps the status on the screen, until Ctrl-C. */
async function untilStopped(show: Show, stop: AbortSignal): Promise<ExitCode> {
  const clock = systemClock;
  const story = createStory(show.demo.faults, clock.monotonic());
  using _keys = listenToKeys(story);
  let repeatAt = clock.monotonic() + REPEAT_EVERY_MS;
  let repeats = 0;
  let shown = '';
  while (!stop.aborted) {
    if (clock.monotonic() >= repeatAt) {
      show.demo.repeat(repeats);
      repeats += 1;
      repeatAt += REPEAT_EVERY_MS;
    }
    const happened = story.tick(clock.monotonic());
    if (happened !== undefined && !isLive(show)) say(`• ${happened}`);
    shown = draw(show, story, shown);
    await clock.sleep(REDRAW_MS, stop);
  }
  return EXIT.done;
}

/** The keys 1 to 5 begin and end what may happen. */
function listenToKeys(story: Story): Disposable {
  if (!process.stdin.isTTY) return { [Symbol.dispose]() {} };
  return readKeys(process.stdin, (key) => void story.turn(Number(key) - 1));
}

function isLive({ screen }: Show): boolean {
  return process.stdout.isTTY && screen.output === 'table';
}

/** A terminal is redrawn; elsewhere a line is written when something changed. */
function draw(show: Show, story: Story, shown: string): string {
  const { demo, session, screen } = show;
  const counts = deliveredText(demo);
  if (isLive(show)) {
    const now = systemClock.now();
    const members = memberLine(needyMembers(demo.config, now));
    const status = renderStatus(session.view.overview(), screen, now) + members;
    const head = `guardrelay demo · http://${demo.config.http.listen} · Ctrl-C ends it`;
    show.redraw(`${head}\n${counts}\n\n${chaptersText(story)}\n${status}`);
    return counts;
  }
  if (counts !== shown) say(counts);
  return counts;
}

function deliveredText({ siem: { received } }: Demo): string {
  return `delivered ${received.lake.length} to lake, ${received.siem.length} to siem`;
}

/** Said when the agent has ended: the counts differ where a destination refused or hung until then. */
function sayStopped(demo: Demo): void {
  const { lake, siem } = demo.siem.received;
  const rest =
    lake.length === siem.length
      ? ''
      : ' What is missing had no acknowledgement: an installed agent sends it again from the checkpoint.';
  say(`\nStopped: ${deliveredText(demo)}.${rest}`);
}

function chaptersText({ chapters }: Story): string {
  const lines = chapters.map(({ text, isOn }, at) => ` ${at + 1} ${isOn ? '✖' : '·'} ${text}\n`);
  return `What may happen; each key begins and ends it:\n${lines.join('')}`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
