import type { SourceAnswer } from './answers.ts';

type Judged = Pick<SourceAnswer, 'customer' | 'region' | 'state' | 'code' | 'reason'>;

const doctor = ({ customer, region }: Judged): string =>
  `guardrelay doctor --customer ${customer} --region ${region}`;

/** By code, or by the group of a code. */
const STEPS: Readonly<Record<string, (source: Judged) => string>> = {
  DST: (source) => ['guardrelay destinations test', ...destinationIn(source)].join(' '),
  'SRC-002': ({ customer }) => `guardrelay status --customer ${customer} --all`,
  'SRC-003': ({ customer }) => `guardrelay backfill --customer ${customer} --from-findings 90d`,
};

/** The command that says more, or repairs. */
export function nextStep(source: Judged): string {
  const { code = '' } = source;
  const step = STEPS[code] ?? STEPS[code.replace(/-\d+$/, '')] ?? doctor;
  return step(source);
}

/** A blocked source tells its destination before the first colon. */
function destinationIn({ state, reason }: Judged): readonly string[] {
  const [, destination] = /^([a-z0-9][a-z0-9-]*): /.exec(reason) ?? [];
  return state === 'blocked' && destination !== undefined ? [destination] : [];
}
