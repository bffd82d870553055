import { z } from 'zod';

import { withinNetworks } from './network.ts';
import { hasCredentials, hostOf } from './url.ts';

/** Link-local addresses, among them the metadata services that hand out credentials. */
const FORBIDDEN = ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32'];

/** True for an address that nothing of ours may be sent to; false for names. */
export const isForbiddenAddress = withinNetworks(FORBIDDEN);

/** The URL of something that we send to. */
export const urlOption = z
  .url({ protocol: /^https?$/, error: 'must be an https:// URL' })
  .refine((url) => !hasCredentials(URL.parse(url)), { error: 'must not hold credentials; use auth' })
  .refine((url) => !isForbiddenAddress(hostOf(URL.parse(url))), {
    error: 'link-local and metadata addresses are refused',
  });

/** For `refine`: whether the URL is https, or clear text was asked for. */
export function isTransportAllowed(options: { readonly url: string; readonly insecureTransport: boolean }) {
  return URL.parse(options.url)?.protocol === 'https:' || options.insecureTransport;
}
