/** Where a fault is. Undefined: in several of them, or it does not concern one. */
export interface Place {
  readonly customer?: string | undefined;
  readonly region?: string | undefined;
  readonly destination?: string | undefined;
}

type Step = (place: Place) => string;

/** A command with those of its arguments that are known. */
function command(words: string, ...known: readonly (string | false)[]): string {
  return [words, ...known.filter((each) => each !== false)].join(' ');
}

const forCustomer = ({ customer }: Place): string | false =>
  customer !== undefined && `--customer ${customer}`;
const inRegion = ({ region }: Place): string | false => region !== undefined && `--region ${region}`;
const named = ({ destination }: Place): string | false => destination ?? false;

const examine: Step = (place) => command('guardrelay doctor', forCustomer(place), inRegion(place));
const repair: Step = (place) => `${examine(place)} --fix`;
const members: Step = (place) => command('guardrelay accounts status', forCustomer(place));
const tryOut: Step = (place) => command('guardrelay destinations test', named(place));
const showAll: Step = (place) => command('guardrelay status', forCustomer(place), '--all');
const backfill: Step = (place) => command('guardrelay backfill', forCustomer(place), '--from-findings 90d');

/** By code, or by the group of a code. */
const STEPS: Readonly<Partial<Record<string, Step>>> = {
  DST: tryOut,
  MEM: members,
  'EB-001': repair,
  'EB-002': repair,
  'EB-004': repair,
  'GD-001': repair,
  'LOG-001': repair,
  'LOG-003': repair,
  'SRC-002': showAll,
  'SRC-003': backfill,
  'SRC-005': tryOut,
};

/** The command that repairs a fault, or says more of it. Without a code only the place is known. */
export function nextStep(code: string | undefined, place: Place): string {
  if (code === undefined) return place.destination === undefined ? examine(place) : tryOut(place);
  const step = STEPS[code] ?? STEPS[code.replace(/-\d+$/, '')] ?? examine;
  return step(place);
}

/** What all of them share. */
export function commonPlace(places: readonly Place[]): Place {
  return {
    customer: only(places.map(({ customer }) => customer)),
    region: only(places.map(({ region }) => region)),
    destination: only(places.map(({ destination }) => destination)),
  };
}

/** The value that all share. */
export function only<T>(values: readonly T[]): T | undefined {
  const [first, ...others] = new Set(values);
  return others.length === 0 ? first : undefined;
}
