import { z } from 'zod';

import { ERROR_CODES, type ErrorCode, EXIT, GuardrelayError } from '../model/error.ts';
import { type BlockedWhy, GRADES } from '../model/outcome.ts';
import type { IngestionRule, Position, SourceState, SweepMark } from '../model/position.ts';
import { REC_KIND } from '../model/record.ts';
import type { ReadCause, SourceFacts } from '../model/source-facts.ts';
import type { SourceSpec } from './store.ts';

// What stands as JSON in the columns spec, state, doc and facts. Loose, so that the fields of a newer release,
// which may share the file, come through.

export const sourceSpec: z.ZodType<SourceSpec> = z.looseObject({
  source: z.string(),
  customer: z.string(),
  account: z.string(),
  region: z.string(),
  partition: z.string(),
  logGroup: z.string(),
});

const ingestionRule: z.ZodType<IngestionRule> = z.looseObject({
  inForce: z.boolean(),
  since: z.number(),
  covered: z.array(
    z.looseObject({ from: z.number(), to: z.number(), at: z.number(), bits: z.array(z.number()) }),
  ),
});

const sweepMark: z.ZodType<SweepMark> = z.looseObject({
  windowMinutes: z.number(),
  doneAt: z.number(),
  bytes: z.exactOptional(z.number()),
});

export const sourceState: z.ZodType<SourceState> = z.looseObject({
  source: z.string(),
  generation: z.number(),
  highWater: z.number(),
  lastReadAt: z.number(),
  lastEventAt: z.exactOptional(z.number()),
  dense: z.exactOptional(z.boolean()),
  latenessP99Ms: z.exactOptional(z.number()),
  ingestionRule: z.exactOptional(ingestionRule),
  sweeps: z.array(sweepMark),
});

const mode = z.enum(['joined', 'behind']);

export const position: z.ZodType<Position> = z.looseObject({
  source: z.string(),
  destination: z.string(),
  bit: z.number(),
  floor: z.number(),
  born: z.number(),
  mode,
  splitAt: z.exactOptional(z.number()),
  sweepsAtSplit: z.exactOptional(z.array(sweepMark)),
  grade: z.enum(GRADES),
  updatedAt: z.number(),
});

const CAUSE = {
  throttled: 'throttled',
  denied: 'denied',
  'region-off': 'region-off',
  unreachable: 'unreachable',
  'no-group': 'no-group',
  'wrong-class': 'wrong-class',
  kms: 'kms',
  credentials: 'credentials',
  token: 'token',
  service: 'service',
} as const satisfies { [Cause in ReadCause]: Cause };

const BLOCKED = {
  auth: 'auth',
  tls: 'tls',
  config: 'config',
  quota: 'quota',
} as const satisfies { [Why in BlockedWhy]: Why };

const sourceFailure = z.looseObject({
  cause: z.enum(CAUSE),
  code: z.custom<ErrorCode>((code) => typeof code === 'string' && code in ERROR_CODES),
  text: z.string(),
  since: z.number(),
});

const destinationFacts = z.looseObject({
  grade: z.enum(GRADES),
  mode,
  lastAckAt: z.exactOptional(z.number()),
  oldestWaitingAt: z.exactOptional(z.number()),
  waiting: z.number(),
  quarantined: z.number(),
  lagMs: z.exactOptional(z.number()),
  blocked: z.exactOptional(z.looseObject({ why: z.enum(BLOCKED), detail: z.string() })),
  retrying: z.exactOptional(z.string()),
  certificateExpiresAt: z.exactOptional(z.number()),
});

const originFacts = z.looseObject({ since: z.number(), lastHeartbeatAt: z.exactOptional(z.number()) });

const sourceFacts: z.ZodType<SourceFacts> = z.looseObject({
  lastReadAt: z.exactOptional(z.number()),
  lastHeartbeatAt: z.exactOptional(z.number()),
  origins: z.exactOptional(z.record(z.string(), originFacts)),
  lastEventAt: z.exactOptional(z.number()),
  lastEventKind: z.exactOptional(z.enum(REC_KIND)),
  lastFindingAt: z.exactOptional(z.number()),
  failure: z.exactOptional(sourceFailure),
  gap: z.exactOptional(
    z.looseObject({ destination: z.string(), from: z.number(), to: z.number(), at: z.number() }),
  ),
  ingestionRuleSince: z.exactOptional(z.number()),
  retentionDays: z.exactOptional(z.number()),
  spool: z.exactOptional(z.strictObject({ bytes: z.number(), until: z.number() })),
  pollSeconds: z.number(),
  destinations: z.record(z.string(), destinationFacts),
});

export const readSpec = (text: string): SourceSpec => read(sourceSpec, text);
export const readState = (text: string): SourceState => read(sourceState, text);
export const readPosition = (text: string): Position => read(position, text);

/** Facts only inform: what this release does not understand (a newer one's cause, say) counts as not known. */
export function readFacts(text: string | null): SourceFacts | undefined {
  return text === null ? undefined : sourceFacts.safeParse(JSON.parse(text)).data;
}

/** A checkpoint that cannot be read must stop the agent: without it the source would begin anew, with a gap. */
function read<T>(schema: z.ZodType<T>, text: string): T {
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const reason = z.prettifyError(parsed.error);
  throw new GuardrelayError('AGT-002', `reading the checkpoint ${text.slice(0, 200)}: ${reason}`, {
    exitCode: EXIT.usage,
    fix: 'Restore the file from a backup; or move it away and set collect.startAt, for example to -25h, for one run.',
    cause: parsed.error,
  });
}
