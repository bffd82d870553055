import { createAwsClients } from '../../aws/clients.ts';
import { closest } from '../../config/closest.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { proxiesFrom } from '../../config/proxies.ts';
import { readSecret } from '../../config/secret.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import type { ChannelDeps, ChannelOutcome } from '../../notify/channel.ts';
import { type ChannelOptions, createChannel, createPinger } from '../../notify/channels/index.ts';
import { EVENT_TYPES, type EventType } from '../../notify/event-types.ts';
import { sampleEvent } from '../../notify/sample.ts';
import { awsIdentities } from '../../relay/aws-identities.ts';
import { stopSignal } from '../stop-signal.ts';
import { readVersion } from '../version.ts';

interface TestArguments {
  readonly config?: string | undefined;
  readonly id: string;
  readonly event: string;
  readonly endpointUrl?: string | undefined;
}

const LIMIT_MS = 30_000;

/** Sends a sample of an event by one channel, and says what came back. */
export async function testChannel(argv: TestArguments): Promise<ExitCode> {
  const config = await loadConfig(argv.config, process.env);
  const options = channelOf(config, argv.id);
  const type = eventTypeOf(argv.event);
  const stop = stopSignal();
  const beganAt = systemClock.monotonic();
  const outcome = await withDeps(config, argv.endpointUrl, (deps) =>
    sendSample(options, { config, type, deps }, AbortSignal.any([stop, AbortSignal.timeout(LIMIT_MS)])),
  );
  if (stop.aborted) return EXIT.interrupted;
  return told(argv.id, outcome, Math.round(systemClock.monotonic() - beganAt));
}

function channelOf({ notify }: Config, id: string): ChannelOptions {
  const found = notify.find((each) => each.id === id);
  if (found) return found;
  const ids = notify.map((each) => each.id);
  throw unknown('channel', id, ids, 'Name a channel of the configuration');
}

function eventTypeOf(name: string): EventType {
  const found = EVENT_TYPES.find((type) => type === name);
  if (found) return found;
  throw unknown('event', name, EVENT_TYPES, 'Name an event with --event');
}

function unknown(what: string, name: string, known: readonly string[], fix: string): GuardrelayError {
  const meant = closest(name, known);
  const guess = meant === undefined ? '' : `; did you mean ${meant}?`;
  return new GuardrelayError('CLI-001', `There is no ${what} "${name}"${guess}`, {
    exitCode: EXIT.usage,
    fix: known.length === 0 ? 'Add one under notify in the configuration.' : `${fix}: ${known.join(', ')}`,
  });
}

async function withDeps<T>(
  config: Config,
  endpointUrl: string | undefined,
  work: (deps: ChannelDeps) => Promise<T>,
): Promise<T> {
  const common = {
    ...{ clock: systemClock, readSecret, agentId: config.agent.id },
    proxyFor: proxiesFrom(process.env),
  };
  const clients = createAwsClients({
    ...{ ...common, version: readVersion() },
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  });
  try {
    return await work({ ...common, awsIdentities: awsIdentities(clients) });
  } finally {
    await clients.close();
  }
}

interface Sample {
  readonly config: Config;
  readonly type: EventType;
  readonly deps: ChannelDeps;
}

async function sendSample(
  options: ChannelOptions,
  { config, type, deps }: Sample,
  signal: AbortSignal,
): Promise<ChannelOutcome> {
  if (options.type === 'heartbeat-url') {
    const pinger = createPinger(options, deps);
    try {
      return await pinger.ping(signal);
    } finally {
      await pinger.close();
    }
  }
  const channel = createChannel(options, deps);
  const { publicUrl } = config.http;
  const event = sampleEvent(type, { agentId: deps.agentId, at: deps.clock.now(), publicUrl });
  try {
    return await channel.send(event, signal);
  } finally {
    await channel.close();
  }
}

function told(id: string, outcome: ChannelOutcome, tookMs: number): ExitCode {
  switch (outcome.kind) {
    case 'ok':
      process.stdout.write(`✔ ${id} took the message in ${tookMs} ms\n`);
      return EXIT.done;
    case 'retry':
      process.stdout.write(`✖ ${id} did not take the message: ${outcome.why}\n`);
      return EXIT.unhealthy;
    case 'refused':
      process.stdout.write(`✖ ${id} refuses the message: ${outcome.why}\n`);
      return EXIT.refused;
  }
}
