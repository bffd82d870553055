import { oldestHeartbeatAt } from '../health/heartbeats.ts';
import type { ObservedSource } from '../health/overview.ts';
import { retentionRisks, riskText } from '../health/retention.ts';
import { type SourceHealth, sourceHealth } from '../health/states.ts';
import type { ErrorCode } from '../model/error.ts';
import type { Condition, Named } from '../notify/condition.ts';
import type { LastingType } from '../notify/event-types.ts';

/** What people call customers and accounts. */
export interface Names {
  customer(id: string): Named;
  account(customer: string, id: string): Named;
}

export interface SeenSources {
  readonly conditions: readonly Condition[];
  /** Sources of which nothing can be said now. */
  readonly unknown: ReadonlySet<string>;
}

/** A source, and what health says of it. */
export interface JudgedSource extends ObservedSource {
  readonly health: SourceHealth;
}

interface SightOptions {
  readonly names: Names;
  /** Epoch ms. */
  readonly now: number;
  /** Of the agent, epoch ms. */
  readonly startedAt: number;
  /** Customers whose log groups others made; absent: none. */
  readonly withoutStacks?: ReadonlySet<string> | undefined;
}

/** An agent that has just started may not have come to a source yet. */
const FIRST_ROUND_MS = 20 * 60_000;
const RULES: readonly ErrorCode[] = ['EB-001', 'EB-002', 'EB-004', 'LOG-003'];

/** Without gap and retention, which hide behind their own words what else is wrong, and are told by themselves. */
export function judge(observed: ObservedSource, now: number): JudgedSource {
  const { gap: _, retentionDays: __, ...facts } = observed.facts;
  return { ...observed, health: sourceHealth({ ...observed, facts, now }) };
}

/** What is wrong with each source itself; what a destination does not take is the destination's. */
export function sourceConditions(sources: readonly JudgedSource[], options: SightOptions): SeenSources {
  const unknown = sources.filter((each) => isUnknown(each, options));
  return {
    unknown: new Set(unknown.map(({ source }) => source)),
    conditions: sources.flatMap((each) => [
      ...(isUnknown(each, options) ? [] : stateConditions(each, options)),
      ...riskConditions(each, options),
    ]),
  };
}

function isUnknown(
  { health: { state, code, underlying } }: JudgedSource,
  { now, startedAt }: SightOptions,
): boolean {
  return (
    state === 'pending' ||
    underlying !== undefined ||
    (code === 'SRC-002' && now - startedAt < FIRST_ROUND_MS)
  );
}

function stateConditions(
  { facts, health, ...source }: JudgedSource,
  { names, withoutStacks }: SightOptions,
): readonly Condition[] {
  const { state, code, reason, since, destination } = health;
  const isNew = !withoutStacks?.has(source.customer) && isWithoutStack(code, facts);
  const type = isNew ? 'region.new-without-stack' : typeOf(state, code);
  if (!type) return [];
  const told = codeOf(type, health);
  const whose = destination === undefined ? source.customer : `destination/${destination}`;
  const lastGoodAt = type === 'source.failing' ? facts.lastReadAt : oldestHeartbeatAt(facts);
  return [
    {
      ...placeOf(source, names),
      ...{ type, code: told, subject: source.source, reason },
      cause: [whose, type, ...(destination === undefined ? [told] : [])].join('/'),
      ...(since !== undefined && { since }),
      ...(lastGoodAt !== undefined && { lastGoodAt }),
      ...(destination !== undefined && { destination }),
    },
  ];
}

/** What was read once had a log group, and somebody has deleted it. */
function isWithoutStack(code: ErrorCode | undefined, { lastReadAt }: ObservedSource['facts']): boolean {
  return code === 'LOG-001' && lastReadAt === undefined;
}

function codeOf(type: LastingType, { code, destination }: SourceHealth): ErrorCode {
  if (type === 'region.new-without-stack') return 'REG-003';
  return code ?? (destination === undefined ? 'SRC-002' : 'DST-005');
}

function typeOf(state: SourceHealth['state'], code: ErrorCode | undefined): LastingType | undefined {
  switch (state) {
    case 'failing':
      return failureType(code);
    case 'silent':
    case 'lagging':
    case 'unproven':
      return `source.${state}`;
    case 'blocked':
    case 'pending':
    case 'quiet':
    case 'ok':
    case 'off':
      return undefined;
  }
}

function failureType(code: ErrorCode | undefined): LastingType {
  if (code === 'GD-001') return 'detector.disabled';
  if (code !== undefined && RULES.includes(code)) return 'plumbing.changed';
  return code?.startsWith('AUTH-') ? 'credentials.refused' : 'source.failing';
}

function riskConditions(
  { facts, ...source }: JudgedSource,
  { names, now }: SightOptions,
): readonly Condition[] {
  return retentionRisks(facts, now).map((risk) => {
    const { destination, oldestAt } = risk;
    return {
      ...placeOf(source, names),
      ...{ type: 'retention.risk', code: 'SRC-005', subject: `${source.source} > ${destination}` },
      ...{ cause: `${source.customer}/retention.risk/${destination}`, destination },
      ...{ reason: riskText(risk, now), since: oldestAt },
    };
  });
}

function placeOf(
  { customer, account, region }: Pick<ObservedSource, 'customer' | 'account' | 'region'>,
  names: Names,
): Pick<Condition, 'customers' | 'account' | 'region'> {
  return { customers: [names.customer(customer)], account: names.account(customer, account), region };
}
