import { z } from 'zod';
import { secretReference } from '../model/secret.ts';
import { type ChannelOptions, channelOptions } from '../notify/channels/index.ts';
import { type DestinationOptions, destinationOptions } from '../ship/sinks/index.ts';
import { customer } from './customer.ts';
import { hostNames, httpAuth, trustedProxies } from './http-auth.ts';
import { settings } from './settings.ts';

const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;

export const agentId = z.string().regex(/^[\w.-]{1,255}$/, { error: 'must be letters, digits and . _ -' });

export const agent = z
  .strictObject({
    id: z.exactOptional(agentId).describe('Shown in every metric and notice; absent: the host name'),
    dataDir: z
      .string()
      .min(1)
      .default('/var/lib/guardrelay')
      .describe('Folder of the store and the quarantine'),
    spool: z
      .exactOptional(
        z.strictObject({
          dir: z.string().min(1).describe('Folder of the spool, on a local disk; of one agent only'),
          maxMegabytes: z
            .int()
            .min(100)
            .default(4096)
            .describe('Size of the spool after which it takes nothing'),
        }),
      )
      .describe(
        'Keeps on disk what a log group is about to drop and a destination does not have; absent: off',
      ),
    leaseSeconds: z
      .int()
      .min(2)
      .max(300)
      .default(20)
      .describe('How long a killed agent keeps its sources from the next one'),
    logLevel: z.enum(LOG_LEVELS).default('info').describe('What is logged'),
    logFormat: z
      .enum(['auto', 'pretty', 'json'])
      .default('auto')
      .describe('auto: pretty on a terminal, else JSON'),
  })
  .meta({ description: 'The agent itself' });

const http = z
  .strictObject({
    listen: z
      .string()
      .regex(/^(\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}$/, {
        error: 'must be an address and a port, such as 127.0.0.1:8686',
      })
      .default('127.0.0.1:8686')
      .describe('Address of console, API, metrics and probes; not on loopback only with auth'),
    auth: httpAuth,
    names: hostNames,
    trustedProxies,
    apiToken: z
      .exactOptional(secretReference)
      .describe('Reference to what commands on this host log in with; GUARDRELAY_API_TOKEN comes first'),
    metrics: z
      .strictObject({
        perSource: z
          .enum(['auto', 'all', 'problems', 'none'])
          .default('auto')
          .describe(
            'Which sources have gauges of their own. auto: all up to 2,000 sources, above it those with a problem',
          ),
      })
      .prefault({})
      .describe('What /metrics tells'),
    publicUrl: z
      .exactOptional(z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }))
      .describe('Where people reach the console, for the links in notices; absent: no links'),
    searchIndex: z
      .strictObject({
        keepDays: z.int().min(1).default(7).describe('Days that delivered records stay searchable'),
        maxMegabytes: z.int().min(16).default(2048).describe('Size of the index after which the oldest go'),
      })
      .prefault({})
      .describe('Index behind guardrelay search'),
  })
  .meta({ description: 'The HTTP listener' });

/** Inherited by every customer. */
export const defaults = z
  .strictObject(settings)
  .meta({ description: 'Inherited by every customer, who may override each block key by key' });

/** The configuration file. Names, defaults and descriptions of all options stand here and in what this imports. */
export const configuration = z
  .strictObject({
    version: z.literal(1).describe('Version of this file format'),
    agent: agent.prefault({}),
    defaults: defaults.prefault({}),
    customers: z.array(customer).default([]).describe('Whose accounts are read'),
    customersDir: z
      .exactOptional(z.string().min(1))
      .describe(
        'Folder with more customers, one in each *.yaml file; beside this file unless it begins with /. The agent notices changes by itself',
      ),
    destinations: z.array(destinationOptions).min(1).describe('Where records go'),
    notify: z
      .array(channelOptions)
      .default([])
      .describe('How people are told; each customer uses all of them unless it names its own'),
    http: http.prefault({}),
  })
  .meta({ title: 'guardrelay configuration' });

export type WrittenAgent = z.output<typeof agent>;
export type AgentOptions = WrittenAgent & { readonly id: string };
/** A customer with everything that it inherits. */
export type ResolvedCustomer = z.output<typeof customer>;

export interface Config {
  readonly agent: AgentOptions;
  readonly customers: readonly ResolvedCustomer[];
  readonly destinations: readonly DestinationOptions[];
  readonly notify: readonly ChannelOptions[];
  readonly http: z.output<typeof http>;
}
