import type { AwsClients } from '../../aws/clients.ts';
import type { Partition } from '../../aws/regions.ts';
import type { Config } from '../../config/config.ts';
import { createCallerCalls, ownScope } from '../../deploy/checks/caller-calls.ts';
import { judgeKey } from '../../deploy/checks/signer.ts';
import { scopeOf } from '../../discover/customer.ts';
import type { Clock } from '../../model/clock.ts';
import type { Condition } from '../../notify/condition.ts';
import { discoverCustomer } from '../../relay/discover-customer.ts';

interface KeyParts {
  readonly config: Config;
  readonly clients: AwsClients;
  readonly clock: Clock;
}

/** How old the access keys are that the agent itself signs with. */
export interface KeyWatch {
  /** Those that should be replaced by now. */
  conditions(): readonly Condition[];
  /** Until `stop`; resolves when it has ended. */
  run(stop: AbortSignal): Promise<void>;
}

const DAY_MS = 86_400_000;

/** Asks IAM once a day. Who may not ask is told nothing: the key may be new. */
export function createKeyWatch({ config, clients, clock }: KeyParts): KeyWatch {
  const old = new Map<Partition, string>();

  async function look(partition: Partition, signal: AbortSignal): Promise<void> {
    const calls = createCallerCalls({ clients, clock, signal, scope: ownScope(partition) });
    const result = await judgeKey(calls, clock.now());
    if (result.kind === 'warned') old.set(partition, result.found);
    if (result.kind === 'passed') old.delete(partition);
  }

  return {
    conditions: () => [...old].map(([partition, found]) => conditionOf(partition, found)),
    async run(stop) {
      while (!stop.aborted) {
        for (const partition of partitionsOf(config)) await look(partition, stop);
        await clock.sleep(DAY_MS, stop);
      }
    },
  };
}

function partitionsOf({ customers }: Config): ReadonlySet<Partition> {
  const scopes = customers.flatMap((customer) =>
    customer.accounts.collect.map((account) => scopeOf(discoverCustomer(customer), account)),
  );
  return new Set(scopes.map(({ partition }) => partition));
}

function conditionOf(partition: Partition, reason: string): Condition {
  return {
    ...{ type: 'credentials.old', code: 'AUTH-004', subject: `key/${partition}`, customers: [] },
    ...{ cause: 'agent/credentials.old', reason },
  };
}
