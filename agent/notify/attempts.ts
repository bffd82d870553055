import { GuardrelayError } from '../model/error.ts';
import { createMask } from '../model/mask.ts';
import type { SecretReader } from '../model/secret.ts';
import type { ChannelOutcome } from './channel.ts';
import { UnfitError } from './unfit.ts';

/** What one sending knows of secrets: none of them ever shows in its outcome. */
export interface Secrets {
  readonly read: SecretReader;
  /** For those that stand elsewhere. */
  hide(secret: string): void;
}

/** Tries to send one thing. It may throw: an UnfitError is final, anything else passes. */
type Attempt<Sent> = (sent: Sent, secrets: Secrets, signal: AbortSignal) => Promise<ChannelOutcome>;

interface Attempts<Sent> {
  /** Never throws. */
  send(sent: Sent, signal: AbortSignal): Promise<ChannelOutcome>;
  close(): Promise<void>;
}

/** Makes an outcome of whatever comes of an attempt, without any secret, and ends all of them when it is closed. */
export function createAttempts<Sent>(readSecret: SecretReader, attempt: Attempt<Sent>): Attempts<Sent> {
  const life = new AbortController();
  return {
    async send(sent, signal) {
      const { hide, clean } = createMask();
      const read: SecretReader = async (reference) => {
        const secret = await readSecret(reference);
        hide(secret);
        return secret;
      };
      const either = AbortSignal.any([signal, life.signal]);
      const outcome = await attempt(sent, { read, hide }, either).catch(outcomeOfError);
      return outcome.kind === 'ok' ? outcome : { ...outcome, why: clean(outcome.why) };
    },
    async close() {
      life.abort();
    },
  };
}

function outcomeOfError(error: unknown): ChannelOutcome {
  const why = error instanceof Error ? error.message : 'it is not known why';
  const isFinal = error instanceof UnfitError || error instanceof GuardrelayError;
  return { kind: isFinal ? 'refused' : 'retry', why };
}
