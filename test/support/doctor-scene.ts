import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';

import type { Place } from '../../agent/localaws/service.ts';
import type { Ran } from '../peers/support/child.ts';
import { type CheckedWorld, configurationOf, startCheckedWorld } from './checked-world.ts';
import { runCli } from './cli.ts';
import { ACCOUNT } from './local-aws.ts';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';

/** The real command against a checked world and a SIEM, both sound. */
export interface DoctorScene extends CheckedWorld {
  readonly siem: WebhookReceiver;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  doctor(...args: readonly string[]): Promise<Ran>;
}

export async function startDoctorScene(t: Test, regions: readonly string[]): Promise<DoctorScene> {
  const startsAt = Date.now();
  const [world, siem] = await Promise.all([
    startCheckedWorld(t, regions, { startsAt }),
    startWebhookReceiver(t),
  ]);
  // The embedded AWS has a clock of its own, which runs ahead.
  const text = new Date().toUTCString();
  world.aws.world.faults.add({ service: 'sts', effect: { kind: 'date-header', text } });
  const cwd = t.testdir({});
  const configuration = {
    ...JSON.parse(configurationOf({ regions })),
    agent: { dataDir: join(cwd, 'data') },
    destinations: [{ id: 'siem', type: 'webhook', url: siem.url, insecureTransport: true }],
  };
  await writeFile(join(cwd, 'guardrelay.yaml'), JSON.stringify(configuration));
  const env = {
    AWS_ACCESS_KEY_ID: world.relay.accessKeyId,
    AWS_SECRET_ACCESS_KEY: world.relay.secretAccessKey,
    AWS_ENDPOINT_URL: world.aws.url,
    EXTERNAL_ID: '0123456789abcdef0123456789abcdef',
  };
  return { ...world, siem, cwd, env, doctor: (...args) => runCli(['doctor', ...args], { cwd, env }) };
}

/** A region of the account that is read. */
export function placeIn(region: string): Place {
  return { account: ACCOUNT, region, partition: 'aws' };
}
