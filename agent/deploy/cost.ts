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
} as const;

/** One heartbeat as it stands in the log group. */
const HEARTBEAT_BYTES = 340;

/** What decides what a customer's account pays for being watched while it is quiet. */
export interface Watching {
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
}

export function estimateCost({ sources, pollSeconds, heartbeatMinutes }: Watching): CostEstimate {
  const callsPerMonth = Math.round((sources * SECONDS_A_MONTH) / pollSeconds);
  const heartbeats = heartbeatMinutes === 0 ? 0 : (sources * SECONDS_A_MONTH) / (heartbeatMinutes * 60);
  return {
    callsPerMonth,
    guardDutyUsd: callsPerMonth * PRICES.guardDutyEvent,
    secondTrailUsd: callsPerMonth * PRICES.secondTrailCopy,
    heartbeatUsd: ((heartbeats * HEARTBEAT_BYTES) / GIB) * PRICES.ingestedGib,
  };
}

/** The estimate in sentences, beside that of the slower economy mode where the customer has not chosen it. */
export function costText(watching: Watching, economySeconds: number): string {
  const cost = estimateCost(watching);
  const economy = estimateCost({ ...watching, pollSeconds: economySeconds });
  const calls = cost.callsPerMonth.toLocaleString('en-US');
  const slower =
    economySeconds > watching.pollSeconds
      ? [
          `    economy mode, every ${economySeconds} s: ${usd(economy.guardDutyUsd)}, and ${usd(economy.secondTrailUsd)}`,
        ]
      : [];
  return [
    '  Estimate for 30 quiet days, at list prices of us-east-1:',
    `    heartbeats ${usd(cost.heartbeatUsd)}`,
    `    reading every ${watching.pollSeconds} s: ${calls} calls, whose analysis by GuardDuty costs ${usd(cost.guardDutyUsd)};`,
    `      ${usd(cost.secondTrailUsd)} more where a second trail copies management events`,
    ...slower,
    `    findings ${usd(PRICES.ingestedGib)} a GB`,
    '',
  ].join('\n');
}

function usd(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
