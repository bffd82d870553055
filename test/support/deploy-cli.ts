import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Test } from 'tap';
import { stringify } from 'yaml';

import { addStackSetRoles } from '../../agent/localaws/cloudformation/stack-set/roles.ts';
import type { Keys, Session } from '../../agent/localaws/world.ts';
import type { JsonObject } from '../../agent/model/json.ts';
import type { Child, Ran } from '../peers/support/child.ts';
import { until } from '../peers/support/until.ts';
import { startCli } from './cli.ts';
import { MEMBER, REGIONS } from './deployment.ts';
import { ACCOUNT, startTestAws, type TestAws } from './local-aws.ts';

/** The real command line against an embedded AWS whose time only tests move. */
export interface DeployCli extends TestAws {
  /** Runs a command to its end, letting AWS's time pass meanwhile. */
  run(...args: readonly string[]): Promise<Ran>;
  start(...args: readonly string[]): Promise<Child>;
  /** Lets AWS's time pass until the program has ended. */
  finish(child: Child): Promise<Ran>;
  /** Waits until the program has said something on stderr; AWS's time stands still. */
  said(child: Child, text: string): Promise<void>;
  /** Writes the configuration anew; `others`: customers beside acme, by what they have of their own. */
  configure(customer: JsonObject, ...others: readonly JsonObject[]): Promise<void>;
}

/** `keysOf`: who deploys; the administrator of the account if nobody is named. */
export async function startDeployCli(
  t: Test,
  customer: JsonObject = {},
  keysOf: (test: TestAws) => Keys | Session = ({ keys }) => keys,
): Promise<DeployCli> {
  const test = await startTestAws(t);
  test.aws.world.accounts.add({ id: MEMBER });
  addStackSetRoles(test.aws.world, ACCOUNT, [ACCOUNT, MEMBER]);
  const cwd = t.testdir({});
  const configure = (...wanted: readonly JsonObject[]): Promise<void> =>
    writeFile(join(cwd, 'guardrelay.yaml'), stringify(configuration(wanted)));
  await configure(customer);
  const keys = keysOf(test);
  const env = {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    ...('sessionToken' in keys && { AWS_SESSION_TOKEN: keys.sessionToken }),
    AWS_SHARED_CREDENTIALS_FILE: await writeProfile(cwd, test.keys),
    AWS_ENDPOINT_URL: test.aws.url,
    EXTERNAL_ID: '0123456789abcdef0123456789abcdef',
  };
  const start = (...args: readonly string[]): Promise<Child> => startCli(args, { cwd, env });

  async function finish(child: Child): Promise<Ran> {
    await until('the program ends', async () => {
      await test.clock.advance(10_000);
      return !child.running();
    });
    return { ...(await child.exited), stdout: child.stdout(), stderr: child.stderr() };
  }

  return {
    ...test,
    configure,
    start,
    finish,
    run: async (...args) => finish(await start(...args)),
    said: (child, text) => until(`it says ${text}`, () => child.stderr().includes(text)),
  };
}

/** The profile `owner` is the administrator of the account. */
async function writeProfile(folder: string, keys: Keys): Promise<string> {
  const file = join(folder, 'credentials');
  const lines = [
    `aws_access_key_id = ${keys.accessKeyId}`,
    `aws_secret_access_key = ${keys.secretAccessKey}`,
  ];
  await writeFile(file, `[owner]\n${lines.join('\n')}\n`);
  return file;
}

function configuration(customers: readonly JsonObject[]): JsonObject {
  const auth = {
    type: 'assumeRole',
    roleArn: 'arn:aws:iam::{account}:role/GuardRelayReader',
    externalId: 'env:EXTERNAL_ID',
  };
  const acme = {
    id: 'acme',
    auth,
    accounts: { collect: [ACCOUNT, MEMBER] },
    regions: REGIONS,
    destinations: ['siem'],
  };
  return {
    version: 1,
    customers: customers.map((customer) => ({ ...acme, ...customer })),
    destinations: [
      { id: 'siem', type: 'syslog', transport: 'tcp', host: '127.0.0.1', port: 514, insecureTransport: true },
    ],
  };
}
