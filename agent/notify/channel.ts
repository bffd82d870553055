import { z } from 'zod';

import type { AwsIdentitySource } from '../model/aws-identity.ts';
import type { Clock } from '../model/clock.ts';
import type { ProxyChoice } from '../model/proxy.ts';
import { type RelayEvent, SEVERITIES } from '../model/relay-event.ts';
import type { SecretReader } from '../model/secret.ts';

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
    error: 'must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen',
  })
  .describe('Name of the channel');

/** What everything under `notify` has, whatever its type. */
export const channelIdentity = z.strictObject({ id });

/** What every channel that takes messages has, whatever its type. */
export const channelBase = channelIdentity.extend({
  minSeverity: z.enum(SEVERITIES).default('medium').describe('Events of a lesser severity are left out'),
  events: z
    .array(
      z.string().regex(/^(\*|[a-z-]+(\.([a-z-]+|\*))?)$/, {
        error: 'must be the type of an event, or a pattern such as source.*',
      }),
    )
    .min(1)
    .default(['*'])
    .describe('Only events of these types: names or patterns such as source.*'),
  groupSeconds: z
    .int()
    .min(0)
    .max(3_600)
    .default(60)
    .describe('How long a message waits for others of the same customer and cause, to go out as one'),
});

/** What became of one message. */
export type ChannelOutcome =
  | { readonly kind: 'ok' }
  /** Not now: nobody answered, too many messages, a fault of the far side. */
  | { readonly kind: 'retry'; readonly why: string; readonly afterMs?: number }
  /** Never: wrong address, wrong secret, a message that the far side does not take. */
  | { readonly kind: 'refused'; readonly why: string };

/** A way to reach people. One event is one message; a group comes as one event that names all of it. */
export interface Channel {
  readonly id: string;
  /** Never throws for what the far side did; `why` names no secret. */
  send(event: RelayEvent, signal: AbortSignal): Promise<ChannelOutcome>;
  close(): Promise<void>;
}

/** A dead-man's switch: who is pinged alarms by himself when the pings stop. */
export interface Pinger {
  readonly id: string;
  /** Never throws for what the far side did; `why` names no secret. */
  ping(signal: AbortSignal): Promise<ChannelOutcome>;
  close(): Promise<void>;
}

/** What a channel is made with, beside its options. */
export interface ChannelDeps {
  readonly clock: Clock;
  readonly readSecret: SecretReader;
  /** Absent: none. */
  readonly proxyFor?: ProxyChoice | undefined;
  /** For channels in AWS. */
  readonly awsIdentities: AwsIdentitySource;
  readonly agentId: string;
}
