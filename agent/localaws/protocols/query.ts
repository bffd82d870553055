import { XMLBuilder } from 'fast-xml-parser';

import type { AwsError } from '../service.ts';
import type { Codec, WireReply } from './codec.ts';

/** A form field's name, taken apart: lists have numbers, structures names. */
interface Node {
  readonly children: Map<string, Node>;
  text: string;
}

function insert(root: Node, path: readonly string[], text: string): void {
  let node = root;
  for (const name of path) {
    const child = node.children.get(name) ?? { children: new Map(), text: '' };
    node.children.set(name, child);
    node = child;
  }
  node.text = text;
}

/** `Tags.member.2.Key` is a member of the second item of a list; an empty list is sent as an empty text. */
function toValue(node: Node): unknown {
  if (node.children.size === 0) return node.text;
  const list = node.children.get('member');
  if (!list) return Object.fromEntries([...node.children].map(([name, child]) => [name, toValue(child)]));
  return [...list.children].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => toValue(child));
}

/** Lists become `<member>` elements and dates ISO 8601; absent members are left out. */
function toXml(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return { member: value.map(toXml) };
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(present.map(([name, member]) => [name, toXml(member)]));
}

const builder = new XMLBuilder({ ignoreAttributes: false, suppressEmptyNode: false });

function reply(statusCode: number, document: unknown): WireReply {
  return { statusCode, headers: { 'content-type': 'text/xml' }, body: builder.build(document) };
}

/** The query protocol has other names and codes for errors that all services share. */
const SHARED_ERRORS: Readonly<Record<string, string>> = {
  UnrecognizedClientException: 'InvalidClientTokenId',
  ExpiredTokenException: 'ExpiredToken',
  AccessDeniedException: 'AccessDenied',
  ThrottlingException: 'Throttling',
};

function wireError({ code, statusCode }: AwsError): { code: string; statusCode: number } {
  const shared = SHARED_ERRORS[code];
  if (shared === undefined) return { code, statusCode };
  return { code: shared, statusCode: shared === 'Throttling' ? 400 : 403 };
}

/** AWS Query: a form goes in, XML comes out. */
export const queryCodec: Codec = {
  decode({ body }) {
    const root: Node = { children: new Map(), text: '' };
    for (const [name, text] of new URLSearchParams(body)) insert(root, name.split('.'), text);
    const operation = root.children.get('Action')?.text ?? '';
    root.children.delete('Action');
    root.children.delete('Version');
    const members = [...root.children].map(([name, child]) => [name, toValue(child)]);
    return { operation, input: Object.fromEntries(members) };
  },
  encode: (output, { service, operation, requestId }) =>
    reply(200, {
      [`${operation}Response`]: {
        '@_xmlns': service.wireName,
        [`${operation}Result`]: toXml(output ?? {}),
        ResponseMetadata: { RequestId: requestId },
      },
    }),
  encodeError(error, { service, requestId }) {
    const { code, statusCode } = wireError(error);
    const Type = statusCode < 500 ? 'Sender' : 'Receiver';
    return reply(statusCode, {
      ErrorResponse: {
        '@_xmlns': service.wireName,
        Error: { Type, Code: code, Message: error.message },
        RequestId: requestId,
      },
    });
  },
};
