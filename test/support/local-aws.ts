import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { Test } from 'tap';
import type { LocalAws } from '../../agent/localaws/server.ts';
import { startLocalAws } from '../../agent/localaws/server.ts';
import type { Place } from '../../agent/localaws/service.ts';
import type { Keys, Session } from '../../agent/localaws/world.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { createVirtualClock } from './virtual-clock.ts';

export const ACCOUNT = '111122223333';
export const HOME: Place = { account: ACCOUNT, region: 'eu-central-1', partition: 'aws' };

/** An embedded AWS with one account and its administrator, on a clock of its own. */
export interface TestAws {
  readonly aws: LocalAws;
  readonly clock: VirtualClock;
  readonly keys: Keys;
  /** Configuration of an SDK client that asks once and only once. */
  config(options?: { keys?: Keys | Session; region?: string }): ClientSettings;
}

interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Keys | Omit<Session, 'expiration'>;
  readonly maxAttempts: number;
}

/** Starts an embedded AWS that ends with the test. */
export async function startTestAws(t: Test, clock = createVirtualClock()): Promise<TestAws> {
  const aws = await startLocalAws({ clock });
  t.teardown(() => aws.close());
  aws.world.accounts.add({ id: ACCOUNT });
  const keys = aws.world.principals.addUser(ACCOUNT, 'admin');

  return {
    aws,
    clock,
    keys,
    config: ({ keys: chosen = keys, region = HOME.region } = {}) => ({
      endpoint: aws.url,
      region,
      credentials: credentialsOf(chosen),
      maxAttempts: 1,
    }),
  };
}

/** The SDK compares expirations with the real time of day, which is not the time of these tests. */
function credentialsOf(keys: Keys | Session): ClientSettings['credentials'] {
  if (!('expiration' in keys)) return keys;
  const { expiration, ...credentials } = keys;
  return credentials;
}

/** A CloudWatch Logs client of the account's administrator. */
export function logsClient(test: TestAws, options?: Parameters<TestAws['config']>[0]): CloudWatchLogsClient {
  return new CloudWatchLogsClient(test.config(options));
}
