import type { EncodedRecord } from '../../model/batch.ts';
import type { Rendered } from '../../model/format.ts';
import { customerOf, type RenderableRec } from '../../model/record.ts';
import { encodeMessages, type Framing } from './message.ts';
import { rfc3164Header } from './rfc3164.ts';
import { rfc5424Header } from './rfc5424.ts';
import { syslogSeverity } from './severity.ts';
import { structuredData } from './structured-data.ts';

export const HEADERS = ['rfc5424', 'rfc3164', 'rfc3164-iso', 'none'] as const;
export type HeaderName = (typeof HEADERS)[number];

interface SyslogForm {
  readonly header: HeaderName;
  /** 0 to 23. */
  readonly facility: number;
  /** A template: {agent}, {customer}, {account}, {region}. */
  readonly hostname: string;
  readonly appName: string;
  /** SD-ID of the structured data of RFC 5424; absent: none. */
  readonly structuredData?: { readonly id: string };
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
  return function encode(record: RenderableRec): EncodedRecord {
    const head = headOf(record, form, agentId);
    const { framing, maxMessageBytes: maxBytes } = form;
    const rendered = render(record, maxBytes - Buffer.byteLength(head));
    return encodeMessages(record, rendered, { head, framing, maxBytes });
  };
}

function headOf(record: RenderableRec, form: SyslogForm, agentId: string): string {
  const fields = {
    priority: form.facility * 8 + syslogSeverity(record),
    hostname: fillHostname(form.hostname, record, agentId),
    appName: form.appName,
  };
  switch (form.header) {
    case 'rfc5424':
      return rfc5424Header(record, fields, structuredDataOf(record, form));
    case 'rfc3164':
      return rfc3164Header(record, fields, 'bsd');
    case 'rfc3164-iso':
      return rfc3164Header(record, fields, 'iso');
    case 'none':
      return '';
  }
}

/** A record whose names are absurdly long keeps its text rather than its structured data. */
function structuredDataOf(
  record: RenderableRec,
  { structuredData: wanted, maxMessageBytes }: SyslogForm,
): string {
  const element = wanted ? structuredData(record, wanted.id) : '-';
  return Buffer.byteLength(element) > maxMessageBytes / 2 ? '-' : element;
}

function fillHostname(template: string, record: RenderableRec, agent: string): string {
  const { account, region } = record;
  const names = new Map(Object.entries({ agent, customer: customerOf(record), account, region }));
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => names.get(name) ?? whole);
}
