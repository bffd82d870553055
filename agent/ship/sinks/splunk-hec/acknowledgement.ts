import { z } from 'zod';

import type { Clock } from '../../../model/clock.ts';
import { jsonOf } from '../../../model/json.ts';
import type { Logger } from '../../../model/logger.ts';
import type { Outcome } from '../../../model/outcome.ts';
import { outcomeOfAnswer, verdictOf } from '../../http/answer.ts';
import type { Authorized, Credentials } from '../../http/credentials.ts';
import type { Exchange } from '../../http/http-sink.ts';
import { blocked, outcomeOf, retry } from '../../wire/fault.ts';
import type { Answer, HttpClient } from '../../wire/http-client.ts';
import type { Channel, Channels } from './channels.ts';
import { replyOf } from './reply.ts';

/** Waits between questions: the first, and the longest. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;
/** "Not yet" cannot be told from "lost": after this the batch is sent again. */
const GIVE_UP_MS = 5 * 60_000;
const ACK_DISABLED = 14;

const acks = z.object({ acks: z.record(z.string(), z.boolean()) });

/** Whether Splunk has indexed what it took. */
export interface Acknowledgement {
  /** What became of a batch that was taken. */
  taken(exchange: Exchange, signal: AbortSignal): Promise<Outcome>;
  /** What else a probe must know of; undefined: nothing is wrong. */
  probed(exchange: Exchange, signal: AbortSignal): Promise<Outcome | undefined>;
}

interface AcknowledgementParts {
  readonly mode: 'required' | 'prefer';
  readonly destination: string;
  /** Where acknowledgements are asked for. */
  readonly url: URL;
  readonly channels: Channels;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Question {
  readonly client: HttpClient;
  readonly channel: Channel;
  readonly ackId: number;
}

export function createAcknowledgement(parts: AcknowledgementParts): Acknowledgement {
  const { mode, channels, credentials, clock, logger, destination } = parts;
  /** As far as is known. */
  let acknowledges = mode === 'required';
  let hasTold = false;

  function unacknowledged({ client }: Pick<Exchange, 'client'>): Outcome {
    if (mode === 'required') {
      const sentence = `${client.name} acknowledges no indexing for this token, and ack is required`;
      return blocked('config', 'DST-007', sentence);
    }
    if (!hasTold) logger.warn('the destination acknowledges no indexing, only acceptance', { destination });
    hasTold = true;
    acknowledges = false;
    return { kind: 'ok', grade: 'accepted' };
  }

  /** The word of the far side, or why there is none. */
  async function ask(question: Question, signal: AbortSignal): Promise<boolean | Outcome> {
    try {
      const { answer, authorized } = await inquire(question, parts, signal);
      if (replyOf(answer)?.code === ACK_DISABLED) return unacknowledged(question);
      const verdict = verdictOf(answer, [200]);
      if (verdict === 'success') return isIndexed(answer, question.ackId);
      if (verdict === 'auth' && (await credentials.renew(authorized, signal))) return false;
      const { name } = question.client;
      const means = verdict === 'retry' || verdict === 'auth' ? verdict : 'config';
      return outcomeOfAnswer(means, answer, { name, nowMs: clock.now(), mask: credentials.mask });
    } catch (error) {
      return outcomeOf(error, question.client.name);
    }
  }

  async function wait(question: Question, signal: AbortSignal): Promise<Outcome> {
    const unsaid = retry('DST-005', `${question.client.name} has not said that the batch is indexed`);
    const said = await askAgain(() => ask(question, signal), { unsaid, clock, signal });
    return said === true ? { kind: 'ok', grade: 'indexed' } : said;
  }

  return {
    async taken(exchange, signal) {
      const channel = channels.of(exchange);
      const ackId = replyOf(exchange.answer)?.ackId;
      acknowledges ||= ackId !== undefined;
      const outcome =
        ackId === undefined
          ? unacknowledged(exchange)
          : await wait({ client: exchange.client, channel, ackId }, signal);
      const isSettled = ackId === undefined || (outcome.kind === 'ok' && outcome.grade === 'indexed');
      if (isSettled) channels.giveBack(channel);
      return outcome;
    },
    async probed(exchange, signal) {
      const channel = channels.of(exchange);
      if (acknowledges) {
        const said = await ask({ client: exchange.client, channel, ackId: 0 }, signal);
        if (typeof said !== 'boolean') return said;
      }
      channels.giveBack(channel);
      return undefined;
    },
  };
}

interface Patience {
  /** What to say when nothing else was. */
  readonly unsaid: Outcome;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Asks until there is a yes or a failure that asking again does not repair, ever less often; in the end retry. */
async function askAgain(
  ask: () => Promise<boolean | Outcome>,
  { unsaid, clock, signal }: Patience,
): Promise<true | Outcome> {
  const giveUpAt = clock.monotonic() + GIVE_UP_MS;
  let last = unsaid;
  for (let waitMs = FIRST_WAIT_MS; clock.monotonic() < giveUpAt; waitMs *= 2) {
    await clock.sleep(Math.min(waitMs, LONGEST_WAIT_MS), signal);
    if (signal.aborted) break;
    const said = await ask();
    if (said === true) return said;
    if (said === false) continue;
    if (said.kind !== 'retry') return said;
    last = said;
  }
  return last;
}

function isIndexed({ text }: Answer, ackId: number): boolean {
  return acks.safeParse(jsonOf(text)).data?.acks[ackId] === true;
}

async function inquire(
  { client, channel, ackId }: Question,
  { url, credentials }: AcknowledgementParts,
  signal: AbortSignal,
): Promise<{ readonly answer: Answer; readonly authorized: Authorized }> {
  const body = Buffer.from(JSON.stringify({ acks: [ackId] }));
  const headers = { ...channel.headers(), 'content-type': 'application/json' };
  const request = { method: 'POST', url, batchId: String(ackId), body: () => body, wire: body, headers };
  const authorized = await credentials.authorize(request, signal);
  const path = url.pathname + url.search;
  const answer = await client.exchange(
    { path, headers: { ...headers, ...authorized.headers }, body },
    signal,
  );
  channel.keep(answer.cookies);
  return { answer, authorized };
}
