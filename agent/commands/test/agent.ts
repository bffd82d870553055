import { randomBytes } from 'node:crypto';

import { type AwsClients, createAwsClients } from '../../aws/clients.ts';
import type { Config } from '../../config/config.ts';
import { proxiesFrom } from '../../config/proxies.ts';
import { readSecret } from '../../config/secret.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';
import type { DestinationOptions } from '../../ship/sinks/index.ts';
import { tryDestinations } from '../destinations/try-destinations.ts';
import { readVersion } from '../version.ts';
import { type Arrival, awaitEnds } from './await-ends.ts';
import type { Expedition, TestContext } from './run-test.ts';
import { openSights, type Sights } from './sights.ts';
import type { TestStep } from './steps.ts';

const ID_BYTES = 12;

/** Ships a record of this process to each destination: proves the destination and nothing before it. */
export async function testAgent(context: TestContext): Promise<void> {
  const { argv, config } = context;
  const clients = openClients(config, argv.endpointUrl);
  try {
    await using sights = openSights(config, { clients, isAsked: !argv.noVerify });
    const id = `gr-${randomBytes(ID_BYTES).toString('hex')}`;
    const means = { context, clients, sights, id };
    await context.travel(testedDestinations(context).map((options) => expedition(options, means)));
  } finally {
    await clients.close();
  }
}

function openClients({ agent }: Config, endpointUrl: string | undefined): AwsClients {
  return createAwsClients({
    ...{ clock: systemClock, readSecret, agentId: agent.id, version: readVersion() },
    proxyFor: proxiesFrom(process.env),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  });
}

/** Where customers are named, theirs. */
function testedDestinations({ argv, config }: TestContext): readonly DestinationOptions[] {
  if (argv.customer === undefined) return config.destinations;
  const routed = new Set(config.customers.flatMap(({ destinations }) => destinations.map(({ id }) => id)));
  const tested = config.destinations.filter(({ id }) => routed.has(id));
  if (tested.length > 0) return tested;
  throw new GuardrelayError('CLI-001', `Nothing of ${argv.customer.join(', ')} goes to ${argv.dest}.`, {
    exitCode: EXIT.usage,
    fix: 'Leave --customer out to test a destination for itself.',
  });
}

interface Means {
  readonly context: TestContext;
  readonly clients: AwsClients;
  readonly sights: Sights;
  readonly id: string;
}

function expedition(options: DestinationOptions, { sights, ...means }: Means): Expedition {
  const { id: destination } = options;
  const { id, context } = means;
  const end = { id: destination, sight: sights.of(destination) };
  return {
    passage: { place: { destination }, what: `test id ${id}`, id },
    async *follow() {
      const failure = await ship(options, means);
      if (failure) yield failure;
      else yield* awaitEnds([end], arrivalAt(destination, { id, signal: context.signal }));
    },
  };
}

/** It has been acknowledged before anybody waits for it. */
function arrivalAt(
  destination: string,
  { id: key, signal }: Pick<Means, 'id'> & Pick<TestContext, 'signal'>,
): Arrival {
  return {
    ...{ key, lookFor: key, signal, clock: systemClock, fix: fixOf(destination) },
    wake: async () => {},
    acknowledgedBy: async () => [destination],
  };
}

function fixOf(destination: string): string {
  return `guardrelay destinations test ${destination}`;
}

/** Undefined: the destination has acknowledged the record. */
async function ship(
  options: DestinationOptions,
  { context, clients, id: recordId }: Omit<Means, 'sights'>,
): Promise<TestStep | undefined> {
  const { argv, config, signal: stop } = context;
  const [trial] = await tryDestinations([options], {
    ...{ clients, clock: systemClock, agentId: config.agent.id, stop, recordId },
    ...{ sendsRecord: true, limitMs: argv.timeout },
  });
  const results = trial?.steps.map(({ result }) => result) ?? [];
  const failure = results.find((result) => result.kind === 'failed');
  if (!failure) return undefined;
  const { id: destination } = options;
  const { code, found: why, fix } = failure;
  if (stop.aborted) return { kind: 'late', leg: 'acknowledged', destination, why, fix: fixOf(destination) };
  const isRefusal = code === 'DST-004';
  return { kind: 'failed', leg: 'acknowledged', destination, code, why, fix, isRefusal };
}
