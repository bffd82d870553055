import { makeFindings } from '../support/findings.ts';
import { makeLogGroup } from '../support/log-group.ts';
import { motoCredentials } from '../support/moto.ts';

/** Where the customer of config/compose/guardrelay.yaml is collected. */
const account = '111111111111';
const regions = ['us-east-1', 'eu-west-1'] as const;

/** Writes findings into the log groups that the compose file's agent reads: node seed.ts ENDPOINT_URL */
async function seed(endpoint: string, region: string): Promise<void> {
  const credentials = motoCredentials(endpoint, { account, region });
  const logGroup = await makeLogGroup({ endpoint, region, credentials });
  await logGroup.write(makeFindings(10, { prefix: region }));
  logGroup.close();
}

const [endpoint] = process.argv.slice(2);
if (endpoint === undefined) throw new Error('name the endpoint');
await Promise.all(regions.map((region) => seed(endpoint, region)));
