import { z } from 'zod';

import type { Sink } from '../../model/sink.ts';
import { batchOptions, destinationBase, type SinkDeps } from '../destination.ts';
import { forEachRecord, sealBatch } from '../seal.ts';
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
import { confirmByClose, confirmByLife } from '../wire/confirm.ts';
import { type Endpoint, endpointName, openConnection } from '../wire/connect.ts';
import { createLine, type Line } from '../wire/line.ts';
import { FRAMINGS } from '../wire/message.ts';
import { createSyslogEncoder } from '../wire/syslog-encoder.ts';
import { startTimer } from '../wire/timer.ts';

export const syslogOptions = destinationBase
  .extend({
    type: z.literal('syslog').describe('Syslog over a stream'),
    transport: z
      .enum(['tls', 'tcp'])
      .default('tls')
      .describe('tcp sends in clear text: see insecureTransport'),
    host: hostOption,
    port: z.int().min(1).max(65_535).describe('6514 is usual for tls, 514 for tcp'),
    framing: z
      .enum(FRAMINGS)
      .default('octet-counting')
      .describe('How messages are told apart; the receiver must be set to the same'),
    header: headerOption
      .default('rfc5424')
      .describe('What stands before the text; rfc3164-iso: with a full time; none sends the text alone'),
    ...headerFields,
    confirm: z
      .enum(['close', 'stream'])
      .default('close')
      .describe(
        'close: each batch has its own connection and counts when the receiver answered its end. ' +
          'stream: one connection is kept, for receivers that never answer',
      ),
    settleMs: z
      .int()
      .min(0)
      .max(60_000)
      .default(1_000)
      .describe('How long the destination must stay alive before a batch is final'),
    maxMessageBytes: z
      .int()
      .min(2_048)
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
  .refine((options) => options.transport === 'tls' || options.insecureTransport, {
    path: ['insecureTransport'],
    error: 'transport tcp sends findings in clear text; use transport tls, or set insecureTransport: true',
  })
  .refine(isAppNameAllowed, WRONG_TAG)
  .refine(isStructuredDataAllowed, NO_STRUCTURED_DATA);

type SyslogOptions = z.infer<typeof syslogOptions>;

/** Syslog over TCP or TLS (RFC 5424, 5425, 6587). */
export function createSyslogSink(options: SyslogOptions, deps: SinkDeps): Sink {
  const endpoint: Endpoint = {
    host: options.host,
    port: options.port,
    ...(options.transport === 'tls' && { tls: options.tls }),
  };
  const { clock, logger } = deps;
  if (options.confirm === 'stream') {
    logger.info('only the life of the connection confirms records', { destination: options.id });
  }
  const name = endpointName(endpoint);

  async function open(signal: AbortSignal): Promise<Line> {
    const startedAt = clock.monotonic();
    const socket = await openConnection(endpoint, deps, signal);
    return createLine(socket, { name, clock, openMs: clock.monotonic() - startedAt });
  }

  const confirm = options.confirm === 'close' ? confirmByClose : confirmByLife;
  const confirmation = confirm({
    name,
    settleMs: options.settleMs,
    open,
  });
  return {
    caps: {
      maxRecordBytes: options.maxMessageBytes,
      maxBatchBytes: options.batch.maxBytes,
      maxBatchRecords: options.batch.maxRecords,
      maxBatchWaitMs: options.batch.maxWaitMs,
      concurrency: confirmation.concurrency,
      perRecord: false,
      grade: confirmation.grade,
    },
    encode: createSyslogEncoder(options, deps),
    seal: (records) => sealBatch(records),
    send: async (batch, signal) => forEachRecord(batch, await confirmation.send(batch, signal)),
    probe: (signal) => confirmation.probe(signal),
    async close(deadlineMs) {
      using timer = startTimer(clock, deadlineMs);
      await confirmation.close(timer.signal);
    },
  };
}
