import { z } from 'zod';

import { headerOptions } from '../../model/header-options.ts';
import { type BatchLimits, batchOptions, destinationBase } from '../destination.ts';
import { tlsOptions } from '../tls.ts';
import { COMPRESSIONS } from './compression.ts';
import { proxyOption } from './proxy.ts';

/** A URL that may stand in the configuration without the path of the API. */
export function withPath(written: string, path: string): URL {
  const url = new URL(written);
  if (url.pathname === '/') url.pathname = path;
  return url;
}

/** What every HTTP destination has besides its own, with the size of batches that its service takes. */
export function httpOptions(batch: BatchLimits) {
  return destinationBase.extend({
    headers: headerOptions,
    compression: z
      .enum(COMPRESSIONS)
      .default('gzip')
      .describe('Switched off by itself when the receiver answers 415'),
    maxConcurrency: z
      .int()
      .min(1)
      .max(64)
      .default(16)
      .describe('Most requests at once; the number in use grows from 1 and falls on 429, 503 and silence'),
    batch: batchOptions(batch),
    tls: tlsOptions.prefault({}).describe('Certificates and names; for https'),
    proxy: proxyOption.exactOptional(),
    insecureTransport: z
      .boolean()
      .default(false)
      .describe('Must be true for http: findings and credentials then cross the network in clear text'),
  });
}

export type HttpOptions = z.infer<ReturnType<typeof httpOptions>>;

export const CLEAR_TEXT = {
  path: ['insecureTransport'],
  error: 'http sends findings and credentials in clear text; use https, or set insecureTransport: true',
};
