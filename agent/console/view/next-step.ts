import type { SourceAnswer } from './answers.ts';

type Place = Pick<SourceAnswer, 'customer' | 'account' | 'region' | 'code'> & {
  readonly destination?: string | undefined;
};

const doctor = ({ customer, region }: Place): string =>
  `guardrelay doctor --customer ${customer} --region ${region}`;

/** By code, or by the group of a code. */
const STEPS: Readonly<Record<string, (place: Place) => string>> = {
  DST: ({ destination = '' }) => `guardrelay destinations test ${destination}`.trimEnd(),
  'SRC-002': ({ customer }) => `guardrelay status --customer ${customer} --all`,
  'SRC-003': ({ customer }) => `guardrelay backfill --customer ${customer} --from-findings 90d`,
};

/** The command that says more, or repairs. */
export function nextStep(place: Place): string {
  const { code = '' } = place;
  const step = STEPS[code] ?? STEPS[code.replace(/-\d+$/, '')] ?? doctor;
  return step(place);
}
