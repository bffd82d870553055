import type { Framing } from './wire/message.ts';
import type { HeaderName } from './wire/syslog-encoder.ts';

export const RECEIVERS = ['generic', 'rsyslog', 'syslog-ng', 'splunk', 'qradar', 'wazuh', 'graylog'] as const;

/** What a receiver takes as it comes, without a setting of its own. */
interface ReceiverPreset {
  readonly framing: Framing;
  readonly header: HeaderName;
  /** Of one message in a stream. */
  readonly maxStreamBytes: number;
  readonly maxDatagramBytes: number;
}

/** One Ethernet frame without fragments: a datagram of which one fragment is lost is lost whole. */
const ONE_FRAME_BYTES = 1_400;

const GENERIC = {
  framing: 'octet-counting',
  header: 'rfc5424',
  maxStreamBytes: 8_000,
  maxDatagramBytes: ONE_FRAME_BYTES,
} as const satisfies ReceiverPreset;

export const RECEIVER_PRESETS: Readonly<Record<(typeof RECEIVERS)[number], ReceiverPreset>> = {
  generic: GENERIC,
  // maxMessageSize is 8k, and it cuts a little below.
  rsyslog: GENERIC,
  // log-msg-size() is 65,536, and syslog() hangs up on a longer frame.
  'syslog-ng': { ...GENERIC, maxStreamBytes: 60_000 },
  // A raw input breaks events at line ends, and lines at TRUNCATE, which is 10,000; a header would hide the JSON.
  splunk: { ...GENERIC, framing: 'lf', header: 'none', maxStreamBytes: 9_000 },
  // Payloads of 4,096 bytes by TCP and 1,024 by UDP, unless they are set higher.
  qradar: { ...GENERIC, framing: 'lf', maxStreamBytes: 4_000, maxDatagramBytes: 1_024 },
  // Its JSON decoder must see the object first. Old releases mangle more than 6,144 bytes, and cut datagrams at 1,024.
  wazuh: { framing: 'lf', header: 'none', maxStreamBytes: 6_000, maxDatagramBytes: 1_024 },
  graylog: { ...GENERIC, framing: 'lf' },
};
