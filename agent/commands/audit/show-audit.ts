import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { createAwsClients } from '../../aws/clients.ts';
import { createQuota } from '../../aws/quota.ts';
import { openSqliteStore } from '../../checkpoint/sqlite-store.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { proxiesFrom } from '../../config/proxies.ts';
import { readSecret } from '../../config/secret.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { type AuditReport, audit } from '../../relay/audit.ts';
import type { AuditWindow } from '../../relay/audit-source.ts';
import { instantOf } from '../instant.ts';
import { selectCustomers } from '../select-customers.ts';
import { stopSignal } from '../stop-signal.ts';
import { neverRan } from '../store/read-store.ts';
import { readVersion } from '../version.ts';
import { auditCounts, printAudit } from './report.ts';

interface AuditArguments extends ScreenWishes {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly endpointUrl?: string | undefined;
  readonly from: string;
  readonly to: string;
}

/** Reads the log groups and the store, and writes neither: it works beside a running agent and without one. */
export async function showAudit(argv: AuditArguments): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const now = systemClock.now();
  const window = windowOf(argv, now);
  const stop = stopSignal();
  const report = await auditWindow(config, { window, endpointUrl: argv.endpointUrl, stop });
  if (!report) return EXIT.interrupted;
  printAudit(report, { window, now, screen: screenFor(argv, process.env, process.stdout) });
  return exitCodeOf(report);
}

function windowOf({ from, to }: AuditArguments, now: number): AuditWindow {
  const window = { from: instantOf('from', from, now), to: instantOf('to', to, now) };
  if (window.from < window.to) return window;
  throw new GuardrelayError('CLI-001', `The window ends before it begins: --from ${from}, --to ${to}`, {
    exitCode: EXIT.usage,
    fix: 'Name the earlier time with --from and the later one with --to.',
  });
}

interface AuditRun {
  readonly window: AuditWindow;
  readonly endpointUrl: string | undefined;
  readonly stop: AbortSignal;
}

/** Undefined: it was stopped, and so proves nothing. */
async function auditWindow(
  config: Config,
  { window, endpointUrl, stop }: AuditRun,
): Promise<AuditReport | undefined> {
  const { dataDir, id: agentId } = config.agent;
  const path = join(dataDir, 'state.db');
  if (!existsSync(path)) throw neverRan(dataDir);
  const clock = systemClock;
  await using stack = new AsyncDisposableStack();
  const store = await openSqliteStore({ path, clock, readOnly: true });
  stack.defer(() => store.close());
  const clients = createAwsClients({
    ...{ clock, readSecret, agentId, version: readVersion(), proxyFor: proxiesFrom(process.env) },
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  });
  stack.defer(() => clients.close());
  try {
    const report = await audit({ config, clients, quota: createQuota(clock), store, clock }, window, stop);
    return stop.aborted ? undefined : report;
  } catch (error) {
    if (stop.aborted) return undefined;
    throw error;
  }
}

/** What is missing weighs most, then what could not be looked at, then what may still come. */
function exitCodeOf(report: AuditReport): ExitCode {
  const { missing, waiting, unread } = auditCounts(report);
  if (missing > 0) return EXIT.unhealthy;
  if (unread > 0 || report.leftOut.some(({ isGuess }) => isGuess)) return EXIT.partly;
  return waiting > 0 ? EXIT.attention : EXIT.done;
}
