import { startLocalAws } from '../../../agent/localaws/server.ts';
import { systemClock } from '../../../agent/model/clock.ts';
import type { Scene } from './agent.ts';
import { type LogGroup, makeLogGroup } from './log-group.ts';

const id = '111111111111';
const region = 'us-east-1';

/** One account of the embedded AWS with a log group to write to. */
export interface Account {
  readonly scene: Scene;
  readonly write: LogGroup['write'];
  readonly findingIds: LogGroup['findingIds'];
  close(): Promise<void>;
}

export async function startAccount(): Promise<Account> {
  const aws = await startLocalAws({ clock: systemClock });
  aws.world.accounts.add({ id });
  const credentials = aws.world.principals.addUser(id, 'relay');
  const logGroup = await makeLogGroup({ endpoint: aws.url, region, credentials });

  return {
    scene: {
      endpointUrl: aws.url,
      customer: {
        id: 'acme',
        auth: { type: 'keys', accessKeyId: 'env:KEY_ID', secretAccessKey: 'env:SECRET_KEY' },
        accounts: { collect: [id] },
        regions: [region],
      },
      env: { KEY_ID: credentials.accessKeyId, SECRET_KEY: credentials.secretAccessKey },
    },
    write: logGroup.write,
    findingIds: logGroup.findingIds,
    async close() {
      logGroup.close();
      await aws.close();
    },
  };
}
