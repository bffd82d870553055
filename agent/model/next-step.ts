/** Where a fault is. Undefined: in several of them, or it does not concern one. */
export interface Place {
  readonly customer?: string | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly destination?: string | undefined;
}

interface Step {
  readonly command: string;
  /** What of the place it is told. */
  readonly takes: readonly (keyof Place)[];
  readonly last?: string;
}

const EXAMINE: Step = { command: 'guardrelay doctor', takes: ['customer', 'region'] };
const REPAIR: Step = { ...EXAMINE, last: '--fix' };
const TRY_OUT: Step = { command: 'guardrelay destinations test', takes: ['destination'] };

/** By code, or by the group of a code. */
const STEPS: Readonly<Partial<Record<string, Step>>> = {
  DST: TRY_OUT,
  MEM: { command: 'guardrelay accounts status', takes: ['customer'] },
  'CFN-004': { command: 'guardrelay update', takes: ['customer', 'account', 'region'] },
  'EB-001': REPAIR,
  'EB-002': REPAIR,
  'EB-004': REPAIR,
  'GD-001': REPAIR,
  'LOG-001': REPAIR,
  'LOG-003': REPAIR,
  'REG-003': { command: 'guardrelay deploy', takes: ['customer', 'account', 'region'] },
  'SRC-002': { command: 'guardrelay status', takes: ['customer'], last: '--all' },
  'SRC-003': { command: 'guardrelay backfill', takes: ['customer'], last: '--from-findings 90d' },
  'SRC-005': TRY_OUT,
};

/** The command that repairs a fault, or says more of it. Without a code only the place is known. */
export function nextStep(code: string | undefined, place: Place): string {
  const { command, takes, last } = stepOf(code, place);
  const known = takes.flatMap((part) => argument(part, place[part]));
  return [command, ...known, ...(last === undefined ? [] : [last])].join(' ');
}

function stepOf(code: string | undefined, { destination }: Place): Step {
  if (code === undefined) return destination === undefined ? EXAMINE : TRY_OUT;
  return STEPS[code] ?? STEPS[code.replace(/-\d+$/, '')] ?? EXAMINE;
}

function argument(part: keyof Place, value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  return [part === 'destination' ? value : `--${part} ${value}`];
}

/** What all of them share. */
export function commonPlace(places: readonly Place[]): Place {
  return {
    customer: only(places.map(({ customer }) => customer)),
    account: only(places.map(({ account }) => account)),
    region: only(places.map(({ region }) => region)),
    destination: only(places.map(({ destination }) => destination)),
  };
}

/** The value that all share. */
export function only<T>(values: readonly T[]): T | undefined {
  const [first, ...others] = new Set(values);
  return others.length === 0 ? first : undefined;
}
