import type { IncomingHttpHeaders } from 'node:http';

import type { AwsError, Service } from '../service.ts';

/** An HTTP request with its whole body. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface DecodedCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface WireReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What an answer needs beside its content. */
interface Exchange {
  readonly service: Service;
  readonly operation: string;
  readonly requestId: string;
}

/** One wire protocol of AWS. */
export interface Codec {
  decode(request: WireRequest, service: Service): DecodedCall;
  encode(output: unknown, exchange: Exchange): WireReply;
  encodeError(error: AwsError, exchange: Omit<Exchange, 'operation'>): WireReply;
}
