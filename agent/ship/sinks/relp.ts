import { z } from 'zod';

import type { Sink } from '../../model/sink.ts';
import { startTimer } from '../../model/timer.ts';
import { batchOptions, destinationBase, type SinkDeps } from '../destination.ts';
import { sealBatch } from '../seal.ts';
import {
  headerFields,
  headerOption,
  hostOption,
  isAppNameAllowed,
  isStructuredDataAllowed,
  NO_STRUCTURED_DATA,
  WRONG_TAG,
} from '../syslog-options.ts';
import { tlsOptions } from '../tls.ts';
import { type Endpoint, endpointName, openConnection } from '../wire/connect.ts';
import { createRelpDelivery } from '../wire/relp-delivery.ts';
import { openRelpSession } from '../wire/relp-session.ts';
import { createSyslogEncoder } from '../wire/syslog-encoder.ts';

/** So many batches share the session, that the window stays full while the last answers of one come in. */
const BATCHES_AT_ONCE = 8;

export const relpOptions = destinationBase
  .extend({
    type: z.literal('relp').describe('Syslog messages by RELP, which acknowledges each'),
    transport: z
      .enum(['tls', 'tcp'])
      .default('tls')
      .describe('tcp sends in clear text: see insecureTransport'),
    host: hostOption,
    port: z.int().min(1).max(65_535).describe('2514 is usual; RELP has no port of its own'),
    header: headerOption
      .default('rfc5424')
      .describe('What stands before the text; rfc3164-iso: with a full time; none sends the text alone'),
    ...headerFields,
    window: z
      .int()
      .min(1)
      .max(1_024)
      .default(128)
      .describe(
        'Messages that may be unacknowledged: more is faster over a long way, and repeats more after a break',
      ),
    settleMs: z
      .int()
      .min(0)
      .max(60_000)
      .default(5_000)
      .describe(
        'How long the destination must stay alive after its acknowledgement before a record is final',
      ),
    maxMessageBytes: z
      .int()
      .min(1_024)
      .max(1_048_576)
      .default(8_000)
      .describe('A larger record is shrunk to this; rsyslog cuts at 8,096 unless it is told otherwise'),
    batch: batchOptions({ maxRecords: 500, maxBytes: 1_048_576, maxWaitMs: 1_000 }),
    tls: tlsOptions.prefault({}).describe('Certificates and names; for transport tls'),
    insecureTransport: z
      .boolean()
      .default(false)
      .describe('Must be true for tcp: findings then cross the network in clear text'),
  })
  .refine(({ transport, insecureTransport }) => transport === 'tls' || insecureTransport, {
    path: ['insecureTransport'],
    error: 'transport tcp sends findings in clear text; use transport tls, or set insecureTransport: true',
  })
  .refine(isAppNameAllowed, WRONG_TAG)
  .refine(isStructuredDataAllowed, NO_STRUCTURED_DATA);

type RelpOptions = z.infer<typeof relpOptions>;

/** RELP over TLS or TCP: the receiver answers for every single message. */
export function createRelpSink(options: RelpOptions, deps: SinkDeps): Sink {
  const { host, port, transport, tls, window, settleMs, batch: limits } = options;
  const endpoint: Endpoint = { host, port, ...(transport === 'tls' && { tls }) };
  const { clock } = deps;
  const name = endpointName(endpoint);
  const delivery = createRelpDelivery({
    ...{ name, settleMs, clock },
    open: async (signal) =>
      openRelpSession(await openConnection(endpoint, deps, signal), { name, clock, window }, signal),
  });

  return {
    place: { name, transport },
    caps: {
      maxRecordBytes: options.maxMessageBytes,
      maxBatchBytes: limits.maxBytes,
      maxBatchRecords: limits.maxRecords,
      maxBatchWaitMs: limits.maxWaitMs,
      concurrency: BATCHES_AT_ONCE,
      perRecord: true,
      grade: 'accepted',
    },
    encode: createSyslogEncoder({ ...options, framing: 'none' }, deps),
    seal: (records) => sealBatch(records),
    send: delivery.send,
    probe: delivery.probe,
    async close(deadlineMs) {
      using timer = startTimer(clock, deadlineMs);
      await delivery.close(timer.signal);
    },
  };
}
