import { keepLonger, type RetentionRisk, retentionRisks } from '../health/retention.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import type { Source } from '../model/source.ts';
import type { SourceMemory } from './source-memory.ts';

interface AlarmContext {
  readonly memory: Pick<SourceMemory, 'facts' | 'risksTold'>;
  readonly lease: { readonly source: string; readonly spec: Source };
  /** By id. */
  readonly destinations: ReadonlyMap<string, unknown>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Logs when a destination comes closer to losing events of a source, and when it no longer does: each once. */
export function tellRisks(context: AlarmContext): void {
  const { memory, clock, destinations } = context;
  const risks = new Map(retentionRisks(memory.facts, clock.now()).map((risk) => [risk.destination, risk]));
  for (const destination of destinations.keys()) {
    const risk = risks.get(destination);
    if (risk?.level === memory.risksTold.get(destination)) continue;
    if (risk) tell(risk, context);
    else tellOver(destination, context);
  }
}

function tell(risk: RetentionRisk, { memory, lease, logger }: AlarmContext): void {
  const { destination, level, expiresAt, retentionDays, isUnread } = risk;
  const { logGroup, region } = lease.spec;
  memory.risksTold.set(destination, level);
  logger[level === 'error' ? 'error' : 'warn']('events expire soon unless they are delivered', {
    ...{ code: 'SRC-005', source: lease.source, destination, retentionDays, isUnread },
    expiresAt: new Date(expiresAt).toISOString(),
    fix: keepLonger(logGroup, region, retentionDays),
  });
}

function tellOver(destination: string, { memory, lease, logger }: AlarmContext): void {
  memory.risksTold.delete(destination);
  logger.info('events no longer expire before they are delivered', { source: lease.source, destination });
}
