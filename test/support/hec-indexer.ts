import { isJsonObject, type JsonObject, type JsonValue } from '../../agent/model/json.ts';
import type { WebhookRequest } from './webhook-receiver.ts';

/** What Splunk documents of its answers: status and text of each code. */
export const HEC_CODES: Readonly<Record<number, readonly [status: number, text: string]>> = {
  0: [200, 'Success'],
  1: [403, 'Token disabled'],
  2: [401, 'Token is required'],
  3: [401, 'Invalid authorization'],
  4: [403, 'Invalid token'],
  5: [400, 'No data'],
  6: [400, 'Invalid data format'],
  7: [400, 'Incorrect index'],
  8: [500, 'Internal server error'],
  9: [503, 'Server is busy'],
  10: [400, 'Data channel is missing'],
  11: [400, 'Invalid data channel'],
  12: [400, 'Event field is required'],
  13: [400, 'Event field cannot be blank'],
  14: [400, 'ACK is disabled'],
  15: [400, 'Error in handling indexed fields'],
  16: [400, 'Query string authorization is not enabled'],
  17: [200, 'HEC is healthy'],
  18: [503, 'HEC is unhealthy, queues are full'],
  19: [503, 'HEC is unhealthy, ack service unavailable'],
  20: [503, 'HEC is unhealthy, queues are full, ack service unavailable'],
  21: [400, 'Invalid token'],
  22: [400, 'Token disabled'],
  23: [503, 'Server is shutting down'],
  24: [200, 'HEC queue is approaching capacity'],
  25: [200, 'HEC ACK channel is approaching capacity'],
  26: [429, 'HEC queue at capacity'],
  27: [429, 'HEC ACK channel at capacity'],
};

export interface HecAnswer {
  readonly status: number;
  readonly body: string;
}

export interface HecToken {
  value: string;
  disabled: boolean;
  /** Indexer acknowledgment. */
  ack: boolean;
  /** Indexes that it may write to. */
  readonly indexes: readonly string[];
}

export interface HecEvent extends JsonObject {
  readonly event: JsonValue;
}

/** One indexer with its own channels and numbers of acknowledgements, as strict as Splunk is. */
export interface HecIndexer {
  /** Taken, in order, with what a crash has lost since. */
  readonly events: HecEvent[];
  /** Safe from a crash. */
  readonly indexed: ReadonlySet<HecEvent>;
  readonly rawLines: string[];
  readonly channels: ReadonlyMap<string, unknown>;
  /** false: what is taken stays unindexed until `index()`. */
  indexesAtOnce: boolean;
  /** Full queues. */
  busy: boolean;
  /** Events that it takes for broken. */
  refuses: (event: HecEvent) => boolean;
  index(): void;
  /** It crashed: what was not indexed is gone, and so is every number. */
  crash(): void;
  answer(request: WebhookRequest): HecAnswer;
}

interface Channel {
  nextAckId: number;
  /** Whether it is indexed. Asking for an indexed one takes it out. */
  readonly acks: Map<number, boolean>;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function hecAnswer(code: number, more: object = {}): HecAnswer {
  const [status, text] = HEC_CODES[code] ?? [500, 'Internal server error'];
  return { status, body: JSON.stringify({ text, code, ...more }) };
}

export function createHecIndexer(token: HecToken): HecIndexer {
  const channels = new Map<string, Channel>();
  const indexed = new Set<HecEvent>();
  let unindexed: HecEvent[] = [];

  function channelOf(id: string): Channel {
    const channel = channels.get(id) ?? { nextAckId: 0, acks: new Map() };
    channels.set(id, channel);
    return channel;
  }

  function taken(channelId: string | undefined): HecAnswer {
    if (!token.ack || channelId === undefined) return hecAnswer(0);
    const channel = channelOf(channelId);
    const ackId = channel.nextAckId;
    channel.nextAckId += 1;
    channel.acks.set(ackId, indexer.indexesAtOnce);
    return hecAnswer(0, { ackId });
  }

  /** Splunk reads as it goes: what stands before a bad event is already taken. */
  function takeEvents({ text }: WebhookRequest, channelId: string | undefined): HecAnswer {
    for (const [number, json] of jsonTexts(text).entries()) {
      const event = parsed(json);
      const code = event && !indexer.refuses(event) ? codeOf(event, token) : 6;
      if (event === undefined || code !== 0) return hecAnswer(code, { 'invalid-event-number': number });
      indexer.events.push(event);
      unindexed.push(event);
    }
    if (indexer.indexesAtOnce) settle();
    return taken(channelId);
  }

  function settle(): void {
    for (const event of unindexed) indexed.add(event);
    unindexed = [];
  }

  function takeRaw({ lines }: WebhookRequest, channelId: string | undefined): HecAnswer {
    indexer.rawLines.push(...lines);
    return taken(channelId);
  }

  function acknowledge({ text }: WebhookRequest, channelId: string): HecAnswer {
    const asked: unknown = JSON.parse(text);
    const ids = isJsonObject(asked) && Array.isArray(asked.acks) ? asked.acks.map(Number) : [];
    const { acks } = channelOf(channelId);
    const said = ids.map((id) => [String(id), acks.get(id) ?? false] as const);
    // A yes is said once; after that the number is as unknown as any other.
    for (const [id, isIndexed] of said) if (isIndexed) acks.delete(Number(id));
    return { status: 200, body: JSON.stringify({ acks: Object.fromEntries(said) }) };
  }

  const indexer: HecIndexer = {
    events: [],
    indexed,
    rawLines: [],
    channels,
    indexesAtOnce: true,
    busy: false,
    refuses: () => false,
    index() {
      settle();
      for (const { acks } of channels.values()) for (const id of acks.keys()) acks.set(id, true);
    },
    crash() {
      channels.clear();
      unindexed = [];
    },
    answer(request) {
      const refusal = refusedToken(request, token) ?? refusedChannel(request, token);
      if (refusal !== undefined) return hecAnswer(refusal);
      const channelId = channelIdOf(request);
      const endpoint = endpointOf(request);
      if (endpoint === 'ack') return acknowledge(request, channelId ?? '');
      const take = endpoint === 'raw' ? takeRaw : takeEvents;
      return refusedBody(request) ?? take(request, channelId);
    },
  };

  function refusedBody({ text }: WebhookRequest): HecAnswer | undefined {
    if (indexer.busy) return hecAnswer(9);
    return text.trim() === '' ? hecAnswer(5) : undefined;
  }

  return indexer;
}

function refusedToken({ headers }: WebhookRequest, token: HecToken): number | undefined {
  if (headers.authorization === undefined) return 2;
  const value = /^Splunk (.+)$/.exec(headers.authorization)?.[1];
  if (value === undefined) return 3;
  if (value !== token.value) return 4;
  return token.disabled ? 1 : undefined;
}

function refusedChannel(request: WebhookRequest, token: HecToken): number | undefined {
  const id = channelIdOf(request);
  if (endpointOf(request) === 'ack' && !token.ack) return 14;
  if (id === undefined) return token.ack ? 10 : undefined;
  return GUID.test(id) ? undefined : 11;
}

function channelIdOf({ headers }: WebhookRequest): string | undefined {
  return headers['x-splunk-request-channel']?.toString();
}

function endpointOf({ path }: WebhookRequest): string | undefined {
  return /\/(event|raw|ack)(?:\?|$)/.exec(path)?.[1];
}

/** JSON values that follow each other, with blanks between them; what is broken reaches to the end. */
function jsonTexts(text: string): readonly string[] {
  const texts: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const end = endOfObject(rest);
    texts.push(rest.slice(0, end));
    rest = rest.slice(end).trim();
  }
  return texts;
}

function endOfObject(text: string): number {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/gs)) {
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth === 0) return index + token.length;
  }
  return text.length;
}

function parsed(json: string): HecEvent | undefined {
  try {
    const event: unknown = JSON.parse(json);
    return isJsonObject(event) ? { ...event, event: event.event ?? null } : undefined;
  } catch {
    return undefined;
  }
}

function codeOf({ event, time, index, fields = {} }: HecEvent, token: HecToken): number {
  if (event === null) return 12;
  if (typeof event === 'string' && event.trim() === '') return 13;
  if (!isJsonObject(fields) || !Object.values(fields).every(isFlat)) return 15;
  if (time !== undefined && !Number.isFinite(Number(time))) return 15;
  if (index !== undefined && !token.indexes.includes(String(index))) return 7;
  return 0;
}

function isFlat(value: unknown): boolean {
  return typeof value !== 'object' || Array.isArray(value);
}
