import { z } from 'zod';

import type { Sink } from '../../model/sink.ts';
import { startTimer } from '../../model/timer.ts';
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
import { RECEIVER_PRESETS, RECEIVERS } from '../syslog-receivers.ts';
import { tlsOptions } from '../tls.ts';
import { timeAwake } from '../wire/awake.ts';
import { type Confirmation, confirmByClose, confirmByLife } from '../wire/confirm.ts';
import { type Endpoint, endpointName, openConnection } from '../wire/connect.ts';
import { createLine, type Line } from '../wire/line.ts';
import { FRAMINGS } from '../wire/message.ts';
import { createMessageRate } from '../wire/message-rate.ts';
import { createSyslogEncoder } from '../wire/syslog-encoder.ts';
import { createUdpSender } from '../wire/udp-sender.ts';
import { openUdpSocket } from '../wire/udp-socket.ts';

/** What an IPv4 datagram can hold. */
const MAX_DATAGRAM_BYTES = 65_507;

const written = destinationBase.extend({
  type: z.literal('syslog').describe('Syslog'),
  receiver: z
    .enum(RECEIVERS)
    .default('generic')
    .describe('Who listens: the defaults of framing, header and maxMessageBytes follow from it'),
  transport: z
    .enum(['tls', 'tcp', 'udp'])
    .default('tls')
    .describe(
      'tcp and udp send in clear text: see insecureTransport; udp loses messages and nobody learns of it',
    ),
  host: hostOption,
  port: z.int().min(1).max(65_535).describe('6514 is usual for tls, 514 for tcp and udp'),
  framing: z
    .enum(FRAMINGS)
    .exactOptional()
    .describe(
      'How messages in a stream are told apart; the receiver must be set to the same. Absent: what it takes',
    ),
  header: headerOption
    .exactOptional()
    .describe(
      'What stands before the text; rfc3164-iso: with a full time; none sends the text alone. Absent: as the receiver wants it',
    ),
  ...headerFields,
  confirm: z
    .enum(['close', 'stream'])
    .default('close')
    .describe(
      'close: each batch has its own connection and counts when the receiver answered its end. ' +
        'stream: one connection is kept, for receivers that never answer. udp has no confirmation',
    ),
  settleMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(1_000)
    .describe('How long the destination must stay alive before a batch is final'),
  maxMessageBytes: z
    .int()
    .min(1_024)
    .max(1_048_576)
    .exactOptional()
    .describe(
      'A larger record is shrunk to this, which the receiver must take. Absent: what it takes unless set',
    ),
  maxPerSecond: z.int().min(1).max(1_000_000).default(2_000).describe('Most messages in a second, for udp'),
  batch: batchOptions({ maxRecords: 500, maxBytes: 1_048_576, maxWaitMs: 1_000 }),
  tls: tlsOptions.prefault({}).describe('Certificates and names; for transport tls'),
  insecureTransport: z
    .boolean()
    .default(false)
    .describe('Must be true for tcp and udp: findings then cross the network in clear text'),
});

export const syslogOptions = written
  .refine((options) => options.transport === 'tls' || options.insecureTransport, {
    path: ['insecureTransport'],
    error: 'tcp and udp send findings in clear text; use transport tls, or set insecureTransport: true',
  })
  .refine(({ transport, framing }) => transport !== 'udp' || framing === undefined, {
    path: ['framing'],
    error: 'has no meaning for udp, where every message is a datagram',
  })
  .transform(resolve)
  .refine(({ transport, maxMessageBytes }) => transport !== 'udp' || maxMessageBytes <= MAX_DATAGRAM_BYTES, {
    path: ['maxMessageBytes'],
    error: `must be at most ${MAX_DATAGRAM_BYTES} for udp`,
  })
  .refine(isAppNameAllowed, WRONG_TAG)
  .refine(isStructuredDataAllowed, NO_STRUCTURED_DATA);

type SyslogOptions = z.infer<typeof syslogOptions>;

/** Fills in what was left to the receiver. */
function resolve(options: z.output<typeof written>) {
  const { maxStreamBytes, maxDatagramBytes, ...preset } = RECEIVER_PRESETS[options.receiver];
  const chosen = { ...preset, maxMessageBytes: maxStreamBytes, ...options };
  if (options.transport !== 'udp') return chosen;
  return {
    ...chosen,
    framing: 'none' as const,
    maxMessageBytes: options.maxMessageBytes ?? maxDatagramBytes,
  };
}

/** Syslog over UDP, TCP or TLS (RFC 3164, 5424, 5425, 5426, 6587). */
export function createSyslogSink(options: SyslogOptions, deps: SinkDeps): Sink {
  const confirmation = options.transport === 'udp' ? datagrams(options, deps) : stream(options, deps);
  return {
    place: { name: endpointName(options), transport: options.transport },
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
      using timer = startTimer(deps.clock, deadlineMs);
      await confirmation.close(timer.signal);
    },
  };
}

function stream(options: SyslogOptions, deps: SinkDeps): Confirmation {
  const { id, host, port, transport, tls, confirm, settleMs } = options;
  const endpoint: Endpoint = { host, port, ...(transport === 'tls' && { tls }) };
  const { clock, logger } = deps;
  const name = endpointName(endpoint);

  async function open(signal: AbortSignal): Promise<Line> {
    const startedAt = clock.monotonic();
    const { value: socket, awakeMs } = await timeAwake(clock, openConnection(endpoint, deps, signal));
    return createLine(socket, { name, clock, openMs: clock.monotonic() - startedAt, awakeMs });
  }

  if (confirm === 'close') return confirmByClose({ name, settleMs, open });
  logger.info('only the life of the connection confirms records', { destination: id });
  return confirmByLife({ name, settleMs, open });
}

function datagrams(options: SyslogOptions, deps: SinkDeps): Confirmation {
  const { id, host, port, settleMs, maxPerSecond } = options;
  const { clock, logger } = deps;
  logger.warn('UDP has no delivery guarantee: nobody learns of a datagram that is lost', { destination: id });
  return createUdpSender({
    ...{ name: endpointName({ host, port }), settleMs, clock },
    rate: createMessageRate(maxPerSecond, clock),
    open: (signal) => openUdpSocket({ host, port }, deps, signal),
  });
}
