import { randomUUID } from 'node:crypto';

import type { Clock } from '../../model/clock.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { RelayEvent } from '../../model/relay-event.ts';
import type { Sink, SinkPlace } from '../../model/sink.ts';
import { startTimer } from '../../model/timer.ts';
import { noticeRecord } from '../../normalize/notice.ts';
import type { DestinationOptions } from '../../ship/sinks/index.ts';
import type { ConnectDeps } from '../../ship/wire/connect.ts';
import { type ConnectionTrace, createConnectionTrace } from './connection-trace.ts';
import { approachSteps, failureOf, NOT_TRIED, passed, type TrialStep } from './steps.ts';

/** What came of trying one destination. */
export interface Trial {
  readonly destination: string;
  readonly type: DestinationOptions['type'];
  readonly place: SinkPlace;
  readonly steps: readonly TrialStep[];
}

export interface TrialOptions {
  open(options: DestinationOptions, deps: Pick<ConnectDeps, 'onConnectionStep'>): Sink;
  readonly clock: Clock;
  /** Of the agent, for the test record. */
  readonly agentId: string;
  /** Whether a record is sent, which then stands in the SIEM. */
  readonly sendsRecord: boolean;
  /** Of that record; absent: a new one. */
  readonly recordId?: string;
  readonly limitMs: number;
  readonly stop: AbortSignal;
}

const CLOSE_MS = 1_000;

/** Goes the way of a record, with the code and the options that ship records. */
export async function tryDestination(options: DestinationOptions, trial: TrialOptions): Promise<Trial> {
  const { clock, limitMs, stop } = trial;
  const trace = createConnectionTrace(clock);
  const sink = trial.open(options, trace);
  using timer = startTimer(clock, limitMs, stop);
  try {
    const { id: destination, type } = options;
    const steps = await trySink(options, { ...trial, sink, trace, signal: timer.signal });
    return { destination, type, place: sink.place, steps };
  } finally {
    await sink.close(CLOSE_MS);
  }
}

interface OpenTrial extends TrialOptions {
  readonly sink: Sink;
  readonly trace: ConnectionTrace;
  /** Aborts when the time is over, too. */
  readonly signal: AbortSignal;
}

async function trySink(options: DestinationOptions, trial: OpenTrial): Promise<readonly TrialStep[]> {
  const { sink, trace, clock, signal } = trial;
  const probe = await ask(trial, () => sink.probe(signal));
  const approach = {
    place: sink.place,
    way: trace.wayTo(sink.place),
    probed: probe.outcome,
    tookMs: probe.tookMs,
    now: clock.now(),
  };
  const isIn = probe.outcome.kind === 'ok';
  return [
    ...approachSteps(approach),
    ...(trial.sendsRecord ? [isIn ? await recordStep(options, trial) : untried('record')] : []),
    ...(isIn ? await closeSteps(options, trial) : []),
  ];
}

function untried(step: TrialStep['step']): TrialStep {
  return { step, result: NOT_TRIED };
}

async function recordStep({ id }: DestinationOptions, trial: OpenTrial): Promise<TrialStep> {
  const { sink, signal } = trial;
  const { outcome, tookMs } = await ask(trial, async () => {
    const record = sink.encode(noticeRecord(testNotice(id, trial)));
    const [said] = await sink.send(sink.seal([record]), signal);
    return said;
  });
  const failure = failureOf(outcome, sink.place.name);
  return { step: 'record', tookMs, result: failure ?? passed(acknowledgement(outcome)) };
}

function acknowledgement(outcome: Outcome): string {
  if (outcome.kind !== 'ok') return '';
  const { grade, finalAfterMs = 0 } = outcome;
  if (grade === 'none') return 'sent; nobody acknowledges a datagram (grade none)';
  const settles = finalAfterMs > 0 ? `, final when nothing fails for ${finalAfterMs / 1_000} s` : '';
  return `acknowledged with grade ${grade}${settles}`;
}

/** Whether a receiver that need not answer the end of a connection does so. */
async function closeSteps(options: DestinationOptions, trial: OpenTrial): Promise<readonly TrialStep[]> {
  if (options.type !== 'syslog' || options.confirm !== 'stream' || options.transport === 'udp') return [];
  const { open, signal } = trial;
  const closing = open({ ...options, confirm: 'close' }, {});
  const { outcome, tookMs } = await ask(trial, () => closing.probe(signal));
  await closing.close(CLOSE_MS);
  const found =
    outcome.kind === 'ok'
      ? 'the receiver answers the end of a connection: confirm: close would work, and prove more'
      : 'the receiver does not answer the end of a connection: confirm: stream is right';
  return [{ step: 'close', tookMs, result: passed(found) }];
}

function testNotice(
  destination: string,
  { clock, agentId, recordId = randomUUID() }: TrialOptions,
): RelayEvent {
  return {
    schema: 'guardrelay.event/v1',
    id: recordId,
    at: new Date(clock.now()).toISOString(),
    action: 'notice',
    key: `guardrelay/-/-/-/destination.test/${destination}`,
    type: 'destination.test',
    severity: 'info',
    code: 'TEST',
    title: `This is a test: guardrelay reaches the destination ${destination}`,
    accounts: [],
    regions: [],
    destination,
    command: `guardrelay destinations test ${destination}`,
    details: { test: true, agent: agentId },
  };
}

/** A question to the sink, its answer and how long that took. Time that is over is an answer, too. */
async function ask(
  { clock, signal, limitMs }: OpenTrial,
  question: () => Promise<Outcome | undefined>,
): Promise<{ readonly outcome: Outcome; readonly tookMs: number }> {
  const startedAt = clock.monotonic();
  const said = await question().catch(brokenPromise);
  const isLate = signal.aborted && said?.kind !== 'ok';
  const late: Outcome = { kind: 'retry', why: `DST-005: it takes longer than ${limitMs / 1_000} s` };
  return { outcome: isLate || !said ? late : said, tookMs: clock.monotonic() - startedAt };
}

function brokenPromise(error: unknown): Outcome {
  return { kind: 'retry', why: `INT-001: guardrelay met a fault of its own: ${String(error)}` };
}
