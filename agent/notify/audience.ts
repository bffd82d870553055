import { SEVERITIES, type Severity } from '../model/relay-event.ts';
import type { Condition, Observation } from './condition.ts';
import { HAPPENING, kindOf } from './event-types.ts';

/** Who is told by a channel, and so what. */
export interface Audience {
  /** Something that has happened. */
  hears(event: Heard): boolean;
  /** The same observation as the channel may know it: of other customers it learns nothing. */
  narrowed(observation: Observation): Observation;
}

/** What of an event decides who hears it. */
interface Heard {
  readonly type: string;
  readonly severity: Severity;
  /** None: it is about the agent, and every channel hears it. */
  readonly customers: readonly { readonly id: string }[];
}

interface AudienceOptions {
  readonly channel: string;
  readonly minSeverity: Severity;
  /** Names of event types, or patterns such as `source.*`. */
  readonly events: readonly string[];
  /** Ids of the customers that chose the channel. */
  readonly customers: ReadonlySet<string>;
}

/** People, by a channel of the configuration. */
export function createAudience({ channel, minSeverity, events, customers }: AudienceOptions): Audience {
  const isTheirs = ({ id }: { readonly id: string }): boolean => customers.has(id);

  function hears(heard: Heard): boolean {
    const isSevere = SEVERITIES.indexOf(heard.severity) >= SEVERITIES.indexOf(minSeverity);
    const isForThem = heard.customers.length === 0 || heard.customers.some(isTheirs);
    return isSevere && isForThem && events.some((pattern) => matches(pattern, heard.type));
  }

  return {
    hears,
    narrowed: (observation) => ({
      ...observation,
      conditions: observation.conditions.flatMap((condition) => {
        const { type, customers: concerned } = condition;
        const isHeard = hears({ type, customers: concerned, severity: kindOf(type).severity });
        if (!isHeard || condition.channel === channel) return [];
        return concerned.length < 2 ? condition : { ...condition, customers: concerned.filter(isTheirs) };
      }),
    }),
  };
}

/**
 * The SIEMs: each customer's own, so that nothing is told there of another or of the agent. What has happened stands
 * there anyhow, as the record that it was read from.
 */
export const SIEMS: Audience = {
  hears: ({ type, customers }) => customers.length > 0 && !Object.hasOwn(HAPPENING, type),
  narrowed: (observation) => ({
    ...observation,
    conditions: observation.conditions.flatMap((condition) =>
      condition.customers.map((customer) => forOne(condition, customer)),
    ),
  }),
};

/** What several customers share becomes a matter of one; whatever happens elsewhere holds nothing back. */
function forOne(condition: Condition, customer: Condition['customers'][number]): Condition {
  const { held, ...own } = condition;
  const { account, subject, cause } = own;
  return {
    ...own,
    ...(held === 'young' && { held }),
    customers: [customer],
    subject: account === undefined ? `${customer.id}/${subject}` : subject,
    cause: cause.startsWith(`${customer.id}/`) ? cause : `${customer.id}/${cause}`,
  };
}

function matches(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}
