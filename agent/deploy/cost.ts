const DAYS = 30;
const SECONDS_A_MONTH = DAYS * 86_400;
const GIB = 1024 ** 3;

/** List prices of us-east-1 in US dollars. */
const PRICES = {
  /** Of each management event that GuardDuty analyses; each call that reads logs is one. */
  guardDutyEvent: 4 / 1_000_000,
  /** Of each copy of a management event beyond the first. */
  secondTrailCopy: 2 / 100_000,
  /** Of each GiB that CloudWatch Logs takes in. */
  ingestedGib: 0.5,
  /** Of each event that goes to the event bus of another region, for every 64 KB of it. */
  forwardedEvent: 1 / 1_000_000,
} as const;

/** One heartbeat as it stands in the log group. */
const HEARTBEAT_BYTES = 340;

/** What decides what a customer's accounts pay for being watched while they are quiet. */
export interface Watching {
  /** That send heartbeats; each account's are counted. */
  readonly regions: number;
  /** Log groups that are read: one of each region, or one of each account that has a hub. */
  readonly sources: number;
  readonly pollSeconds: number;
  /** 0: no heartbeats. */
  readonly heartbeatMinutes: number;
}

/** A month of 30 days, in US dollars. Findings come on top, at the price of taking them in. */
export interface CostEstimate {
  readonly callsPerMonth: number;
  readonly guardDutyUsd: number;
  /** Only where a second trail copies management events. */
  readonly secondTrailUsd: number;
  readonly heartbeatUsd: number;
  /** Of the heartbeats that go to a hub. */
  readonly forwardingUsd: number;
}

export function estimateCost({ regions, sources, pollSeconds, heartbeatMinutes }: Watching): CostEstimate {
  const callsPerMonth = Math.round((sources * SECONDS_A_MONTH) / pollSeconds);
  const beats = heartbeatMinutes === 0 ? 0 : SECONDS_A_MONTH / (heartbeatMinutes * 60);
  return {
    callsPerMonth,
    guardDutyUsd: callsPerMonth * PRICES.guardDutyEvent,
    secondTrailUsd: callsPerMonth * PRICES.secondTrailCopy,
    heartbeatUsd: ((regions * beats * HEARTBEAT_BYTES) / GIB) * PRICES.ingestedGib,
    forwardingUsd: (regions - sources) * beats * PRICES.forwardedEvent,
  };
}

/** The estimate in sentences, beside that of what the customer has not chosen: the slower economy mode, no hub. */
export function costText(watching: Watching, economySeconds: number): string {
  const cost = estimateCost(watching);
  const calls = cost.callsPerMonth.toLocaleString('en-US');
  return [
    '  Estimate for 30 quiet days, at list prices of us-east-1:',
    `    heartbeats ${usd(cost.heartbeatUsd)}${hubText(cost)}`,
    `    reading every ${watching.pollSeconds} s: ${calls} calls, whose analysis by GuardDuty costs ${usd(cost.guardDutyUsd)};`,
    `      ${usd(cost.secondTrailUsd)} more where a second trail copies management events`,
    ...economyLines(watching, economySeconds),
    ...regionalLines(watching),
    `    findings ${usd(PRICES.ingestedGib)} a GB`,
    '',
  ].join('\n');
}

function hubText({ forwardingUsd }: CostEstimate): string {
  return forwardingUsd > 0 ? `, and ${usd(forwardingUsd)} to bring them to the hub` : '';
}

function economyLines(watching: Watching, economySeconds: number): readonly string[] {
  if (economySeconds <= watching.pollSeconds) return [];
  const { guardDutyUsd, secondTrailUsd } = estimateCost({ ...watching, pollSeconds: economySeconds });
  return [`    economy mode, every ${economySeconds} s: ${usd(guardDutyUsd)}, and ${usd(secondTrailUsd)}`];
}

/** What the same would cost without the hub. */
function regionalLines(watching: Watching): readonly string[] {
  const { regions, sources } = watching;
  if (regions === sources) return [];
  const { callsPerMonth, guardDutyUsd, secondTrailUsd } = estimateCost({ ...watching, sources: regions });
  const calls = callsPerMonth.toLocaleString('en-US');
  return [
    `    without the hub: ${calls} calls of ${regions} log groups, ${usd(guardDutyUsd)}, and ${usd(secondTrailUsd)}`,
  ];
}

function usd(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
