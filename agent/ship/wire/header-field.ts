/** 9999-12-31T23:59:59.999Z: the last time whose year has four digits. */
export const LAST_TIME = 253_402_300_799_999;

const MAX_HOSTNAME = 255;

/** What every header says, in the words of its standard. */
export interface HeaderFields {
  /** Facility and severity together: 0 to 191. */
  readonly priority: number;
  readonly hostname: string;
  /** Checked with the configuration: every character of it is allowed in the header that it is for. */
  readonly appName: string;
}

/** The allowed characters of a name that a record may have had a hand in; an empty one is `-`. */
export function hostnameField(hostname: string, forbidden: RegExp): string {
  return hostname.replaceAll(forbidden, '').slice(0, MAX_HOSTNAME) || '-';
}
