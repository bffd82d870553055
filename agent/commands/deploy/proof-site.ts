import { createLogsReader } from '../../aws/logs-reader.ts';
import { createQuota } from '../../aws/quota.ts';
import type { ResolvedCustomer } from '../../config/config.ts';
import type { Progress, ProgressStep } from '../../console/terminal/progress.ts';
import type { Proof, ProofSite } from '../../deploy/proof.ts';
import { scopeOf } from '../../discover/customer.ts';
import type { LogEvent } from '../../model/log-event.ts';
import type { Source } from '../../model/source.ts';
import { normalize } from '../../normalize/normalize.ts';
import { discoverCustomer } from '../../relay/discover-customer.ts';

interface ProofMeans extends Pick<ProofSite, 'clients' | 'clock' | 'signal' | 'pace'> {
  readonly view: Progress;
}

/** Reads the sources of these customers as the agent does, and knows an event of ours as the agent does. */
export function createProofSite(
  customers: readonly ResolvedCustomer[],
  { view, ...means }: ProofMeans,
): ProofSite {
  const byId = new Map(customers.map((customer) => [customer.id, customer]));
  const customerOf = ({ customer }: Source): ResolvedCustomer => {
    const known = byId.get(customer);
    if (!known) throw new Error(`no customer ${customer} was deployed`);
    return known;
  };
  const quota = createQuota(means.clock);
  return {
    ...means,
    progress: { ...view, changed() {} },
    reader: createLogsReader({
      clients: means.clients,
      scopeOf: (source) => scopeOf(discoverCustomer(customerOf(source)), source.account),
    }),
    paceOf: (source) => quota.paceOf(source, customerOf(source).poll.quotaShare).filterLogEvents,
    proofIn: (event, source) => proofIn(event, source, customerOf(source)),
    told(proof) {
      const step = stepOf(proof);
      if (step) view.step(step);
    },
  };
}

/** Anybody may write what guardrelay does not know; and a log group may hold what other regions forward to it. */
function proofIn(event: LogEvent, source: Source, { stack }: ResolvedCustomer): string | undefined {
  const records = normalize(event, source, { heartbeatRule: `${stack.prefix}-heartbeat` });
  const own = records.filter(({ region }) => region === source.region);
  return own.map(({ kind }) => kind).find((kind) => kind !== 'unknown' && kind !== 'unparsed');
}

/** Undefined: nothing has come of it, and the end will say so. */
function stepOf({ source, verdict }: Proof): ProgressStep | undefined {
  const subject = `${source.customer} ${source.account} ${source.region}`;
  switch (verdict.kind) {
    case 'proven':
      return { subject, state: 'PROVEN', outcome: 'good', detail: `by=${verdict.by}` };
    case 'refused': {
      const detail = `reason=${JSON.stringify(verdict.reason)} code=${verdict.code}`;
      return { subject, state: 'UNPROVEN', outcome: 'bad', detail };
    }
    case 'locked':
    case 'unseen':
      return undefined;
  }
}
