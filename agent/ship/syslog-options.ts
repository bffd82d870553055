import { z } from 'zod';

import { isForbiddenAddress } from '../model/http-url.ts';
import { HEADERS, type HeaderName } from './wire/syslog-encoder.ts';

/** Where a syslog receiver listens. */
export const hostOption = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,253}$/, { error: 'must be a host name or an address' })
  .refine((host) => !isForbiddenAddress(host), { error: 'link-local and metadata addresses are refused' })
  .describe('Name or address of the receiver');

/** An SD-ID of somebody's own (RFC 5424 6.3.2): printable ASCII without = @ ] and quotes, 32 characters in all. */
const SD_ID = /^(?=.{3,32}$)[!#-<>?A-\\^-~]+@[1-9]\d*(\.\d+)*$/;

/** What a destination may choose of the header of its messages, besides which one it is. */
export const headerFields = {
  hostname: z
    .string()
    .regex(/^[!-~]{1,255}$/, { error: 'must be 1 to 255 printable ASCII characters without blanks' })
    .default('{agent}')
    .describe('HOSTNAME of the header; {agent}, {customer}, {account} and {region} are filled in'),
  appName: z
    .string()
    .regex(/^[!-~]{1,48}$/, { error: 'must be 1 to 48 printable ASCII characters without blanks' })
    .default('guardrelay')
    .describe('APP-NAME of rfc5424, TAG of rfc3164'),
  facility: z.int().min(0).max(23).default(13).describe('Syslog facility; 13 is log audit'),
  structuredData: z
    .strictObject({
      id: z
        .string()
        .regex(SD_ID, {
          error: 'must be a name, @ and your IANA enterprise number, such as guardrelay@32473; 32 characters',
        })
        .describe('SD-ID of the element: a name, @ and your IANA enterprise number'),
    })
    .exactOptional()
    .describe('Customer, account, region, type, id and severity as structured data of rfc5424; absent: none'),
};

export const headerOption = z.enum(HEADERS);

interface HeaderChoice {
  readonly header: HeaderName;
  readonly appName: string;
  readonly structuredData?: { readonly id: string };
}

/** RFC 3164 4.1.3 allows letters and digits; receivers take these three marks too. */
const TAG = /^[A-Za-z0-9_.-]{1,32}$/;

/** For `refine`, as are the following: whether the name may stand in the header. */
export function isAppNameAllowed({ header, appName }: HeaderChoice): boolean {
  return !header.startsWith('rfc3164') || TAG.test(appName);
}

export const WRONG_TAG = {
  path: ['appName'],
  error: 'must be 1 to 32 letters, digits and _ . - with header rfc3164 and rfc3164-iso',
};

export function isStructuredDataAllowed({ header, structuredData }: HeaderChoice): boolean {
  return header === 'rfc5424' || structuredData === undefined;
}

export const NO_STRUCTURED_DATA = { path: ['structuredData'], error: 'needs header rfc5424' };
