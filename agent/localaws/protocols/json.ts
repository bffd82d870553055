import { z } from 'zod';

import { AwsError } from '../service.ts';
import type { Codec, WireReply } from './codec.ts';

const members = z.record(z.string(), z.unknown());

/** The members of a JSON body; an absent body has none. */
export function parseMembers(body: string): Readonly<Record<string, unknown>> {
  try {
    return members.parse(JSON.parse(body || '{}'));
  } catch (error) {
    throw new AwsError('SerializationException', `The body is not a JSON object: ${String(error)}`);
  }
}

/** An error as both JSON protocols write it. */
export function jsonError({ code, message, statusCode }: AwsError): WireReply {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: JSON.stringify({ __type: code, message }),
  };
}

/** AWS JSON 1.1: the operation stands in X-Amz-Target. */
export const jsonCodec: Codec = {
  decode({ headers, body }) {
    const target = headers['x-amz-target'];
    const operation = typeof target === 'string' ? target.slice(target.lastIndexOf('.') + 1) : '';
    return { operation, input: parseMembers(body) };
  },
  encode: (output) => ({
    statusCode: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify(output ?? {}),
  }),
  encodeError: jsonError,
};
