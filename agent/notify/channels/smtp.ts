import type { SMTPTransportOptions } from 'nodemailer/lib/smtp-transport';
import { z } from 'zod';

import { isForbiddenAddress } from '../../model/http-url.ts';
import type { RelayEvent } from '../../model/relay-event.ts';
import { secretReference } from '../../model/secret.ts';
import { startTimer } from '../../model/timer.ts';
import { authorityOf } from '../../model/url.ts';
import { createAttempts, type Secrets } from '../attempts.ts';
import { authoritiesOf } from '../authorities.ts';
import { type Channel, type ChannelDeps, type ChannelOutcome, channelBase } from '../channel.ts';
import { mailOf } from '../mail.ts';
import { plainLine } from '../text.ts';

/** From the connection to the last answer. */
const DELIVERY_MS = 30_000;
const MAX_QUOTE = 200;
const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

const address = z
  .string()
  .regex(/^[^\s<>()[\]\\,;:"@]+@[A-Za-z0-9.-]+$/, { error: 'must be a mail address' });

export const smtpOptions = channelBase
  .extend({
    type: z.literal('smtp').describe('E-mail'),
    host: z
      .string()
      .regex(/^[A-Za-z0-9._:-]{1,253}$/, { error: 'must be a host name or an address' })
      .refine((host) => !isForbiddenAddress(host), { error: 'link-local and metadata addresses are refused' })
      .describe('Name or address of the mail server'),
    port: z.int().min(1).max(65_535).exactOptional().describe('Absent: 587, with tls: implicit 465'),
    tls: z
      .enum(['starttls', 'implicit', 'none'])
      .default('starttls')
      .describe(
        'starttls: must be offered, else nothing is sent; implicit: from the first byte; none: clear text',
      ),
    caFile: z
      .string()
      .min(1)
      .exactOptional()
      .describe('PEM file of the authorities to trust instead of the public ones'),
    username: z.string().min(1).exactOptional().describe('User name for the mail server'),
    password: secretReference.exactOptional(),
    from: address.describe('Address of the sender'),
    to: z.array(address).min(1).max(50).describe('Who gets the mail'),
    insecureTransport: z
      .boolean()
      .default(false)
      .describe('Must be true for tls: none: mail and password then cross the network in clear text'),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    error: 'username and password belong together: give both or none',
  })
  .refine(({ tls, insecureTransport }) => tls !== 'none' || insecureTransport, {
    path: ['insecureTransport'],
    error: 'tls: none sends mail and password in clear text; use starttls, or set insecureTransport: true',
  });

type SmtpOptions = z.infer<typeof smtpOptions>;

/** Mail on a connection of its own; a trigger, its repeats and its end are one thread. */
export function createSmtpChannel(options: SmtpOptions, deps: ChannelDeps): Channel {
  const port = options.port ?? PORTS[options.tls];
  const name = authorityOf(options.host, port);
  const attempts = createAttempts<RelayEvent>(deps.readSecret, async (event, secrets, signal) => {
    const transport = await transportOf(options, port, secrets);
    using timer = startTimer(deps.clock, DELIVERY_MS, signal);
    const outcome = await deliver(event, transport, timer.signal);
    if (!timer.expired) return outcome;
    return { kind: 'retry', why: `${name} did not answer within ${DELIVERY_MS / 1_000} s` };
  });

  /** nodemailer is loaded with the first mail: most agents send none. */
  async function deliver(
    event: RelayEvent,
    transport: SMTPTransportOptions,
    signal: AbortSignal,
  ): Promise<ChannelOutcome> {
    const { createTransport } = await import('nodemailer');
    try {
      const { rejected } = await createTransport(transport).sendMail({ ...envelope(event), signal });
      if (rejected.length === 0) return { kind: 'ok' };
      return { kind: 'refused', why: `${name} did not take the mail for ${rejected.join(', ')}` };
    } catch (error) {
      return outcomeOf(error, name);
    }
  }

  function envelope(event: RelayEvent) {
    const { from, to } = options;
    const { thread, ...mail } = mailOf(event, deps.agentId, from.split('@').at(-1) ?? '');
    return {
      from: { name: 'guardrelay', address: from },
      to: [...to],
      ...mail,
      ...{ inReplyTo: thread, references: [thread] },
      // RFC 3834 5: nobody's absence note answers it.
      headers: { 'Auto-Submitted': 'auto-generated' },
      ...{ disableFileAccess: true, disableUrlAccess: true },
    };
  }

  return { id: options.id, ...attempts };
}

async function transportOf(
  { host, tls, caFile, username, password }: SmtpOptions,
  port: number,
  { read, hide }: Secrets,
): Promise<SMTPTransportOptions> {
  const pass = password === undefined ? '' : await read(password);
  // RFC 4616: AUTH PLAIN sends both in one.
  hide(Buffer.from(`\0${username}\0${pass}`).toString('base64'));
  return {
    ...{ host, port, secure: tls === 'implicit', requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
    tls: { minVersion: 'TLSv1.2', ...(await authoritiesOf(caFile)) },
    ...(username !== undefined && { auth: { user: username, pass } }),
    // The timer limits all of it.
    ...{
      connectionTimeout: DELIVERY_MS * 2,
      greetingTimeout: DELIVERY_MS * 2,
      socketTimeout: DELIVERY_MS * 2,
    },
    ...{ dnsTimeout: DELIVERY_MS * 2, socketCloseTimeout: 0 },
  };
}

const failure = z.looseObject({
  code: z.string().default('unknown error'),
  responseCode: z.number().optional(),
  response: z.string().default(''),
});

/** Without an answer to name, a person must repair these. */
const FINAL = new Set(['EAUTH', 'ENOAUTH', 'ECONFIG']);

/** RFC 5321 4.2.1: 4yz is not now, 5yz is never. */
function outcomeOf(error: unknown, name: string): ChannelOutcome {
  const { code, responseCode, response } = failure.parse(error);
  if (responseCode === undefined) {
    const why = plainLine(error instanceof Error ? error.message : '', MAX_QUOTE);
    return { kind: FINAL.has(code) ? 'refused' : 'retry', why: `${name} took no mail (${code}): ${why}` };
  }
  const quote = plainLine(response.replace(/^\d{3}[ -]?/, ''), MAX_QUOTE);
  const why = `${name} answered ${responseCode}${quote && `: ${quote}`}`;
  return { kind: responseCode >= 500 ? 'refused' : 'retry', why };
}
