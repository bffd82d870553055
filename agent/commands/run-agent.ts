import { loadConfig } from '../config/load.ts';
import { startHttp } from '../console/server.ts';
import { screenFor } from '../console/terminal/screen.ts';
import { EXIT, type ExitCode } from '../model/error.ts';
import type { AgentReport } from '../relay/agent.ts';
import { type AgentSession, openSession } from './agent-session.ts';
import { printOnceReport } from './once-report.ts';
import { selectCustomers } from './select-customers.ts';
import { stopSignal } from './stop-signal.ts';

export interface RunArguments {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly endpointUrl?: string | undefined;
  readonly timeout: number;
  readonly output?: 'auto' | 'table' | 'plain' | 'json' | 'ndjson' | undefined;
  readonly json: boolean;
  readonly noColor: boolean;
}

/** Until SIGTERM or SIGINT. */
export async function runOn(argv: RunArguments): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const stop = stopSignal();
  await using session = await openSession({ config, once: false, endpointUrl: argv.endpointUrl });
  const { view, clock } = session;
  const http = await startHttp({ listen: config.http.listen, view, now: clock.now, logger: session.logger });
  session.logger.info('listening', { url: http.url });
  try {
    await session.run(stop);
  } finally {
    await http.close();
  }
  return EXIT.done;
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
