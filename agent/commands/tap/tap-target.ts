import { once } from 'node:events';
import { z } from 'zod';

import { loadConfig } from '../../config/load.ts';
import type { ScreenWishes } from '../../console/terminal/screen.ts';
import { screenFor } from '../../console/terminal/screen.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { TAP_STAGES, type TapStage } from '../../model/tap.ts';
import { askAgent } from '../ask-agent.ts';
import { stopSignal } from '../stop-signal.ts';
import { eventsOf } from './event-stream.ts';
import { shownTap } from './shown-tap.ts';

interface TapArguments extends ScreenWishes {
  readonly config?: string | undefined;
  readonly target: string;
  readonly stage?: TapStage | undefined;
  readonly limit?: number | undefined;
  readonly sample?: number | undefined;
  readonly quiet: boolean;
}

const tappedJson = z.object({
  at: z.iso.datetime(),
  stage: z.enum(TAP_STAGES),
  source: z.string().optional(),
  destination: z.string().optional(),
  key: z.string(),
  bytes: z.base64().transform((text) => Buffer.from(text, 'base64')),
});
/** As the API tells it. */
export type TappedJson = z.output<typeof tappedJson>;

/** Shows what passes the running agent, until Ctrl-C, `--limit`, or until nobody reads it any more. */
export async function tapTarget(argv: TapArguments): Promise<ExitCode> {
  const config = await loadConfig(argv.config, process.env);
  const { target, stage, sample, limit = Number.POSITIVE_INFINITY } = argv;
  const isDestination = config.destinations.some(({ id }) => id === target);
  const query = new URLSearchParams({ [isDestination ? 'destination' : 'source']: target });
  if (stage) query.set('stage', stage);
  if (sample !== undefined) query.set('oneOf', String(sample));
  const interrupted = stopSignal();
  const ended = new AbortController();
  process.stdout.on('error', () => ended.abort());
  const stop = AbortSignal.any([interrupted, ended.signal]);
  try {
    const answer = await askAgent(config, `/api/v1/tap?${query}`, stop);
    say(argv, `Waiting for what ${isDestination ? `leaves for ${target}` : `comes from ${target}`}.`);
    await show(answer, { argv, limit, stop });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  ended.abort();
  return interrupted.aborted ? EXIT.interrupted : EXIT.done;
}

interface Showing {
  readonly argv: TapArguments;
  readonly limit: number;
  readonly stop: AbortSignal;
}

async function show(answer: Response, { argv, limit, stop }: Showing): Promise<void> {
  const lineOf = shownTap(screenFor(argv, process.env, process.stdout));
  let shown = 0;
  for await (const { type, text } of eventsOf(answer)) {
    if (type === 'missed') say(argv, `${text} were missed: they came faster than they were read.`);
    if (type !== 'message') continue;
    const hasRoom = process.stdout.write(lineOf(tappedJson.parse(JSON.parse(text))));
    if (!hasRoom) await once(process.stdout, 'drain', { signal: stop });
    shown += 1;
    if (shown >= limit) return;
  }
  throw new GuardrelayError('AGT-009', 'The agent has ended', {
    exitCode: EXIT.attention,
    fix: 'Start the agent with: guardrelay run',
  });
}

function say({ quiet }: TapArguments, line: string): void {
  if (!quiet) process.stderr.write(`${line}\n`);
}
