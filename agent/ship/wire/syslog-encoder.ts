import type { EncodedRecord } from '../../model/batch.ts';
import type { Rendered } from '../../model/format.ts';
import type { RenderableRec } from '../../model/record.ts';
import { encodeMessages, type Framing } from './message.ts';
import { rfc5424Header } from './rfc5424.ts';

interface SyslogForm {
  readonly header: 'rfc5424' | 'none';
  /** A template: {agent}, {customer}, {account}, {region}. */
  readonly hostname: string;
  readonly facility: number;
  readonly framing: Framing | 'none';
  /** Of one message with its header, without its frame. */
  readonly maxMessageBytes: number;
}

interface EncoderDeps {
  render(record: RenderableRec, maxBytes: number): Rendered;
  readonly agentId: string;
}

/** Turns records into framed syslog messages that the receiver need not cut. */
export function createSyslogEncoder(form: SyslogForm, { render, agentId }: EncoderDeps) {
  function header(record: RenderableRec): string {
    if (form.header === 'none') return '';
    return rfc5424Header(record, { ...form, hostname: fillHostname(form.hostname, record, agentId) });
  }

  return function encode(record: RenderableRec): EncodedRecord {
    const head = header(record);
    const maxBytes = form.maxMessageBytes;
    return encodeMessages(record, render(record, maxBytes - head.length), {
      head,
      framing: form.framing,
      maxBytes,
    });
  };
}

function fillHostname(template: string, record: RenderableRec, agentId: string): string {
  const customer = record.kind === 'notice' ? record.customer : record.origin.source.customer;
  return template
    .replaceAll('{agent}', agentId)
    .replaceAll('{customer}', customer)
    .replaceAll('{account}', record.account)
    .replaceAll('{region}', record.region);
}
