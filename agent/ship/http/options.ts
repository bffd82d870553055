import { z } from 'zod';

import { hostOf } from '../../model/url.ts';
import { type BatchLimits, batchOptions, destinationBase } from '../destination.ts';
import { tlsOptions } from '../tls.ts';
import { isForbiddenAddress } from '../wire/address.ts';
import { COMPRESSIONS } from './compression.ts';
import { headerOptions } from './headers.ts';
import { proxyOption } from './proxy.ts';

/** The URL of an HTTP destination. */
export const urlOption = z
  .url({ protocol: /^https?$/, error: 'must be an https:// URL' })
  .refine((url) => !URL.parse(url)?.username, { error: 'must not hold credentials; use auth' })
  .refine((url) => !isForbiddenAddress(hostOf(URL.parse(url))), {
    error: 'link-local and metadata addresses are refused',
  });

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

/** For `refine`: whether the URL is https, or clear text was asked for. */
export function isTransportAllowed(options: { readonly url: string; readonly insecureTransport: boolean }) {
  return URL.parse(options.url)?.protocol === 'https:' || options.insecureTransport;
}

export const CLEAR_TEXT = {
  path: ['insecureTransport'],
  error: 'http sends findings and credentials in clear text; use https, or set insecureTransport: true',
};
