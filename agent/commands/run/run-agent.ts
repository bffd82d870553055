import { loadConfig } from '../../config/load.ts';
import { createLogins, type Logins } from '../../console/auth/logins.ts';
import { screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import type { AgentReport } from '../../relay/agent.ts';
import { selectCustomers } from '../select-customers.ts';
import { type AgentSession, openSession } from '../session/agent-session.ts';
import { stopSignal } from '../stop-signal.ts';
import { listen, listenAgain } from '../view/listen.ts';
import { type ConfigWatch, openConfigWatch } from './config-watch.ts';
import { listenToHangup } from './hangup.ts';
import { printOnceReport } from './once-report.ts';

export interface RunArguments {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly endpointUrl?: string | undefined;
  readonly timeout: number;
  readonly output?: 'auto' | 'table' | 'plain' | 'json' | 'ndjson' | undefined;
  readonly json: boolean;
  readonly noColor: boolean;
}

/** Until SIGTERM or SIGINT; a configuration that changes meanwhile is taken without an end of the process. */
export async function runOn(argv: RunArguments): Promise<ExitCode> {
  const stop = stopSignal();
  using hangup = listenToHangup(systemClock);
  const watch = await openConfigWatch({
    ...{ path: argv.config, env: process.env, clock: systemClock, wake: hangup },
  });
  const logins = createLogins(systemClock);
  for (let isFirst = true; !stop.aborted; isFirst = false) {
    await runUntilChanged(argv, { watch, logins, isFirst }, stop);
  }
  return EXIT.done;
}

interface Lifetime {
  readonly watch: ConfigWatch;
  readonly logins: Logins;
  readonly isFirst: boolean;
}

/** With everything else made anew: what was in flight is finished, or comes again from the checkpoints. */
async function runUntilChanged(
  argv: RunArguments,
  { watch, logins, isFirst }: Lifetime,
  stop: AbortSignal,
): Promise<void> {
  const config = selectCustomers(watch.current, argv.customer);
  await using session = await openSession({
    ...{ config, once: false, endpointUrl: argv.endpointUrl, configTroubles: () => watch.troubles },
  });
  const { logger, notices } = session;
  const http = isFirst ? await listen(config, session, logins) : await listenAgain(config, session, logins);
  if (http) logger.info('listening', { url: http.url });
  watch.begin(logger);
  if (isFirst) notices?.tell('agent.started');
  const ended = new AbortController();
  const over = AbortSignal.any([stop, ended.signal]);
  const watching = watch.changed(logger, over).then((changed) => {
    if (changed) logger.info('the configuration has changed', { customers: watch.current.customers.length });
    ended.abort();
  });
  try {
    await session.run(over);
    if (stop.aborted) notices?.tell('agent.stopping');
  } finally {
    ended.abort();
    await watching;
    await http?.close();
  }
}

/** Every source once, for cron and tests. */
export async function runOnce(argv: RunArguments): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const timeout = AbortSignal.timeout(argv.timeout * 1_000);
  const interrupted = stopSignal();
  await using session = await openSession({ config, once: true, endpointUrl: argv.endpointUrl });
  const report = await session.run(AbortSignal.any([interrupted, timeout]));
  printOnceReport(session, report, screenFor(argv, process.env, process.stdout));
  if (interrupted.aborted) return EXIT.interrupted;
  return onceExitCode(session, report, timeout.aborted);
}

function onceExitCode({ agent }: AgentSession, report: AgentReport, timedOut: boolean): ExitCode {
  const { ends, sources, leftOut } = report;
  const unfinished = sources.filter(({ source }) => ends.get(source) !== 'drained');
  if (unfinished.length === 0 && !leftOut.some(({ isGuess }) => isGuess)) return EXIT.done;
  if (agent.destinations.some(({ shipper }) => shipper.status().circuit === 'blocked')) return EXIT.unhealthy;
  return timedOut ? EXIT.timeout : EXIT.partly;
}
