import type { Screen } from '../../console/terminal/screen.ts';
import { renderStatus } from '../../console/terminal/status-view.ts';
import type { AgentReport } from '../../relay/agent.ts';
import type { AgentSession } from '../session/agent-session.ts';

/** What one pass did: the status on stdout, a sentence on stderr. */
export function printOnceReport(
  { agent, view, clock }: AgentSession,
  { sources, ends, leftOut }: AgentReport,
  screen: Screen,
): void {
  process.stdout.write(renderStatus(view.overview(), screen, clock.now()));
  const drained = sources.filter(({ source }) => ends.get(source) === 'drained').length;
  const delivered = agent.destinations.map(({ id, shipper }) => `${shipper.status().delivered} to ${id}`);
  const summary = `${drained} of ${sources.length} sources read to the end; delivered ${delivered.join(', ')}.`;
  process.stderr.write(`${summary}\n`);
  for (const { code, reason } of leftOut) process.stderr.write(`${code} ${reason}\n`);
}
