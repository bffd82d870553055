import type { DeployContext } from '../../deploy/context.ts';
import { placeKey } from '../../deploy/places.ts';
import type { ProofSubject } from '../../deploy/proof.ts';
import type { DeployRow } from '../../deploy/rows.ts';
import { scopeOf } from '../../discover/customer.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { discoverCustomer } from '../../relay/discover-customer.ts';
import type { TourMeans, Visit } from './deployer.ts';
import type { DeployOutput } from './output.ts';
import { type Deployed, type ProofWishes, proveDeployed } from './prove-deployed.ts';

/** Proves for all customers together, once all are deployed: a heartbeat may be minutes away. */
export interface ProofStage {
  watch(visit: Visit): WatchedVisit;
  conclude(means: TourMeans): Promise<ExitCode>;
}

interface WatchedVisit {
  /** With a progress that remembers when each stack came to stand. */
  readonly context: DeployContext;
  /** Takes the rows, and gives them to the output when it is known whether the sources work. */
  deployed(rows: readonly DeployRow[]): void;
}

const MINUTE_MS = 60_000;

export function createProofStage(wishes: ProofWishes, output: DeployOutput): ProofStage {
  const waiting: Deployed[] = [];
  const mute: Visit[] = [];
  return {
    watch(visit) {
      const begunAt = systemClock.now();
      const { context, stoodAt } = remembering(visit.context);
      return {
        context,
        deployed(rows) {
          const subjects = subjectsOf(rows, { visit, wishes, begunAt, stoodAt });
          const isMute = subjects.length > 0 && visit.customer.heartbeat.mode === 'off';
          if (subjects.length > 0 && !isMute) {
            waiting.push({ visit, rows, subjects });
            return;
          }
          output.add(rows, isMute ? muteText(visit) : '');
          if (isMute) mute.push(visit);
        },
      };
    },
    async conclude(means) {
      const proven = waiting.length > 0 ? await proveDeployed(waiting, means, { wishes, output }) : EXIT.done;
      const isLacking = proven === EXIT.done && mute.length > 0 && wishes.waitHealthy === true;
      return isLacking ? EXIT.attention : proven;
    },
  };
}

type StackKey = Pick<DeployRow, 'stack' | 'account' | 'region'>;

function remembering(context: DeployContext) {
  const times = new Map<string, number>();
  const keyOf = (stack: StackKey): string => `${stack.stack}/${placeKey(stack)}`;
  const { progress } = context;
  const changed: typeof progress.changed = (result) => {
    if (result.status === 'succeeded') times.set(keyOf(result), systemClock.now());
    progress.changed(result);
  };
  return {
    context: { ...context, progress: { ...progress, changed } },
    stoodAt: (stack: StackKey) => times.get(keyOf(stack)),
  };
}

interface Looking {
  readonly visit: Visit;
  readonly wishes: ProofWishes;
  readonly begunAt: number;
  stoodAt(stack: StackKey): number | undefined;
}

/** What was made or changed; on demand also what had nothing to change. */
function subjectsOf(rows: readonly DeployRow[], looking: Looking): readonly ProofSubject[] {
  const { visit, wishes } = looking;
  const { id, stack } = visit.customer;
  if (wishes.waitHealthy === false) return [];
  const meant = rows.filter(
    ({ stack: name, status, reason }) =>
      name === stack.name &&
      (status === 'succeeded' || (wishes.waitHealthy && status === 'unchanged' && reason === undefined)),
  );
  return meant.map((row) => {
    const { account, region } = row;
    const scope = scopeOf(discoverCustomer(visit.customer), account);
    const { partition } = scope;
    const source = { customer: id, account, region, partition, logGroup: stack.logGroup };
    const logs = { ...source, region: stack.hubRegion ?? region };
    return { source, logs, scope, since: sinceOf(row, looking) };
  });
}

/** A new rule can have sent nothing before; one that was changed may have, as it was before. */
function sinceOf(row: DeployRow, { visit, begunAt, stoodAt }: Looking): number {
  if (row.status === 'unchanged') return begunAt - visit.customer.heartbeat.everyMinutes * MINUTE_MS;
  return row.action === 'create' ? begunAt : (stoodAt(row) ?? systemClock.now());
}

function muteText({ customer }: Visit): string {
  return `${customer.id}: heartbeat.mode is off, so nothing proves a source before its first event.\n`;
}
