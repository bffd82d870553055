import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createAwsClients } from '../aws/clients.ts';
import type { IdentitySource } from '../aws/credentials.ts';
import type { Config } from '../config/config.ts';
import { mistakesError } from '../config/load.ts';
import { parseConfig } from '../config/parse.ts';
import { readSecret } from '../config/secret.ts';
import { type LocalAws, startLocalAws } from '../localaws/server.ts';
import type { Keys } from '../localaws/world.ts';
import type { Clock } from '../model/clock.ts';
import { type DemoFault, demoFaults } from './faults.ts';
import { type Fixture, loadFixtures } from './findings.ts';
import { breakRegion, type Cast, furnish } from './furnish.ts';
import { emitConfigChange, emitFinding, findingIn, playFixtures, repeated, TRUSTED_LIST } from './play.ts';
import { rollOutCustomer } from './rollout.ts';
import { CUSTOMERS, type DemoCustomer, demoConfiguration } from './scene.ts';
import { type EmbeddedSiem, startSiem } from './siem.ts';

export interface DemoOptions {
  readonly clock: Clock;
  readonly version: string;
  /** `address:port` of the page. */
  readonly page: string;
  readonly signal: AbortSignal;
  /** Told of each step that is done. */
  told(step: string, detail: string): void;
}

/** Everything around the agent, running: AWS with its stacks, and a SIEM. */
export interface Demo extends AsyncDisposable {
  readonly config: Config;
  readonly aws: LocalAws;
  /** Of the embedded AWS. */
  readonly endpointUrl: string;
  /** The agent's own: those that the readers' roles let in. */
  readonly keys: Keys;
  readonly ownCredentials: IdentitySource;
  readonly siem: EmbeddedSiem;
  /** Records that each destination must get from `play`. */
  readonly expected: number;
  /** Plays every fixture and one configuration change. */
  play(): void;
  /** Lets one finding happen again. */
  repeat(count: number): void;
  /** What may happen to the customers and the SIEM. */
  readonly faults: readonly DemoFault[];
}

/** Builds the scene: the real templates, deployed by the real deployer into an AWS that lives in this process. */
export async function openDemo(options: DemoOptions): Promise<Demo> {
  const { clock, told } = options;
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'guardrelay-demo-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const aws = await startLocalAws({ clock });
  stack.defer(() => aws.close());
  told('embedded AWS', aws.url);
  const siem = await startSiem();
  stack.defer(() => siem.close());
  const cast = furnish(aws);
  const config = await writeConfiguration(dataDir, siem, options.page);
  for (const customer of config.customers) await rollOut(customer, { aws, cast, options });
  breakRegion(aws.world);
  const fixtures = await loadFixtures();
  const held = stack.move();
  return {
    ...{ config, aws, siem, ...player(aws, fixtures, clock) },
    endpointUrl: aws.url,
    ownCredentials: async () => cast.relay,
    keys: cast.relay,
    expected: fixtures.length + 1,
    faults: demoFaults(aws, siem),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Where the list of trusted addresses is changed at the start. */
const PLAYED_CHANGE = { account: '333333333333', region: 'us-east-1', partition: 'aws' } as const;

function player(aws: LocalAws, fixtures: readonly Fixture[], clock: Clock): Pick<Demo, 'play' | 'repeat'> {
  const findings = fixtures.map(({ json }) => findingIn(json)).filter((finding) => finding !== undefined);
  return {
    play() {
      playFixtures(aws, fixtures, clock.now());
      emitConfigChange(aws, { place: PLAYED_CHANGE, ...TRUSTED_LIST });
    },
    repeat(count) {
      const finding = findings[count % findings.length];
      if (finding) emitFinding(aws, repeated(finding, count + 2, clock.now()));
    },
  };
}

async function writeConfiguration(dataDir: string, siem: EmbeddedSiem, page: string): Promise<Config> {
  const secretPath = ({ id }: DemoCustomer): string => join(dataDir, 'secrets', `${id}-external-id`);
  await mkdir(join(dataDir, 'secrets'), { mode: 0o700 });
  for (const customer of CUSTOMERS) {
    await writeFile(secretPath(customer), `${customer.externalId}\n`, { mode: 0o600 });
  }
  const text = demoConfiguration({ dataDir, page, secretPath, ...siem });
  const parsed = parseConfig(text, {});
  if (parsed.kind === 'mistaken') throw mistakesError('of the demo', parsed.mistakes);
  return parsed.config;
}

interface Stage {
  readonly aws: LocalAws;
  readonly cast: Cast;
  readonly options: DemoOptions;
}

async function rollOut(customer: Config['customers'][number], { aws, cast, options }: Stage): Promise<void> {
  const { clock, version, signal, told } = options;
  const scene = CUSTOMERS.find(({ id }) => id === customer.id);
  if (!scene) throw new Error(`the demo's configuration has a customer of its own: ${customer.id}`);
  const clients = createAwsClients({
    ...{ clock, version, readSecret },
    agentId: 'demo',
    endpointUrl: aws.url,
    ownCredentials: async () => cast.deployer(scene),
  });
  try {
    const { externalId } = scene;
    const stacks = await rollOutCustomer(customer, {
      ...{ clients, externalId, clock, signal },
      relayArn: cast.relayArn,
    });
    const regions = scene.regions.join(' ');
    told(
      `deployed ${customer.id}`,
      `StackSet and reader role, ${stacks} stacks in ${scene.account}: ${regions}`,
    );
  } finally {
    await clients.close();
  }
}
