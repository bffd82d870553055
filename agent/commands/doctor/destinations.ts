import type { AwsClients } from '../../aws/clients.ts';
import type { Clock } from '../../model/clock.ts';
import type { ErrorCode } from '../../model/error.ts';
import type { DestinationOptions } from '../../ship/sinks/index.ts';
import type { StepName } from '../destinations/steps.ts';
import { tryDestinations } from '../destinations/try-destinations.ts';
import type { Agenda } from './agenda.ts';
import type { CheckRow } from './rows.ts';

export interface DestinationCheckOptions {
  readonly clients: AwsClients;
  readonly clock: Clock;
  readonly agentId: string;
  readonly only: readonly ErrorCode[];
  readonly agenda: Agenda;
  /** Whether a record is sent, which then stands in the SIEM: DST-005 cannot be known otherwise. */
  readonly sendsRecord: boolean;
  readonly signal: AbortSignal;
}

/** Whether the receiver answers the end of a connection is for `destinations test`: it is no fault. */
const CODES: Readonly<Record<Exclude<StepName, 'close'>, ErrorCode>> = {
  DNS: 'DST-001',
  TCP: 'DST-002',
  TLS: 'DST-003',
  access: 'DST-004',
  record: 'DST-005',
};

export const DESTINATION_CODES: readonly ErrorCode[] = Object.values(CODES);

const LIMIT_MS = 30_000;

/** Goes the way to each destination, as `destinations test` does. */
export async function examineDestinations(
  destinations: readonly DestinationOptions[],
  options: DestinationCheckOptions,
): Promise<readonly CheckRow[]> {
  const { only, agenda, signal: stop, ...common } = options;
  const isWanted = (check: ErrorCode, destination: string): boolean =>
    only.includes(check) && agenda.wants(check, { destination });
  const due = destinations.filter(({ id }) => DESTINATION_CODES.some((check) => isWanted(check, id)));
  const trials = await tryDestinations(due, { ...common, stop, limitMs: LIMIT_MS });
  return trials.flatMap(({ destination, steps }) =>
    steps.flatMap(({ step, result, tookMs }): readonly CheckRow[] => {
      if (step === 'close' || !isWanted(CODES[step], destination)) return [];
      const isTimed = step === 'record' && result.kind === 'passed' && tookMs !== undefined;
      const timed = isTimed ? { ...result, found: `${result.found} in ${Math.round(tookMs)} ms` } : result;
      return [{ destination, check: CODES[step], result: timed }];
    }),
  );
}
