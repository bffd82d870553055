import type { Headers } from '../../http/credentials.ts';
import type { Exchange } from '../../http/http-sink.ts';

/** More than any load balancer needs. */
const MAX_COOKIES = 16;
/** RFC 6265 4.1.1: `name=value`, then attributes. */
const COOKIE = /^\s*([!#$%&'*+.^_`|~\w-]+)=([\x21-\x3a\x3c-\x7e]{0,4096})\s*(?:;(.*))?$/;
const EXPIRED = /(?:^|;)\s*(?:max-age\s*=\s*(?:0|-\d+)\s*(?:;|$)|expires\s*=[^;]*\b1970\b)/i;

/** Numbers of acknowledgements count by channel, and by the indexer to which the cookies of a load balancer lead. */
export interface Channel {
  /** Of a request that must reach the same indexer as the last one. */
  headers(): Headers;
  /** `cookies`: values of `set-cookie`. */
  keep(cookies: readonly string[]): void;
}

/**
 * One channel for each batch under way, used again only after its batch was acknowledged. So the only acknowledgement
 * that a channel can still get, from whatever indexer, is that of its batch: a channel whose batch was given up, or
 * whose answer got lost, is forgotten, and with it what may yet be said on it.
 */
export interface Channels {
  /** Headers of a channel that no other batch uses. */
  take(): Headers;
  /** The channel on which this was said. */
  of(exchange: Exchange): Channel;
  giveBack(channel: Channel): void;
}

/** `fixed`: what else stands in the headers of every batch. */
export function createChannels(newId: () => string, fixed: Headers): Channels {
  const taken = new WeakMap<Headers, Channel>();
  const idle: Channel[] = [];
  return {
    take() {
      const channel = idle.pop() ?? createChannel(newId());
      const headers = { ...fixed, ...channel.headers() };
      taken.set(headers, channel);
      return headers;
    },
    of({ headers, answer }) {
      const channel = taken.get(headers);
      if (!channel) throw new Error('these headers are of no channel');
      channel.keep(answer.cookies);
      return channel;
    },
    giveBack: (channel) => idle.push(channel),
  };
}

function createChannel(id: string): Channel {
  const jar = new Map<string, string>();
  return {
    headers() {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      return { 'x-splunk-request-channel': id, ...(cookie !== '' && { cookie }) };
    },
    keep(cookies) {
      for (const cookie of cookies) keepCookie(jar, cookie);
    },
  };
}

function keepCookie(jar: Map<string, string>, text: string): void {
  const [, name, value = '', attributes = ''] = COOKIE.exec(text) ?? [];
  if (name === undefined) return;
  if (EXPIRED.test(attributes)) jar.delete(name);
  else if (jar.size < MAX_COOKIES || jar.has(name)) jar.set(name, value);
}
