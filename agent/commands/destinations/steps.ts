import type { CheckResult } from '../../deploy/checks/check.ts';
import { type ErrorCode, splitCode } from '../../model/error.ts';
import type { Grade, Outcome } from '../../model/outcome.ts';
import type { SinkPlace } from '../../model/sink.ts';
import type { TlsFacts } from '../../ship/wire/connection-step.ts';
import type { Way } from './connection-trace.ts';
import { fixFor } from './fixes.ts';

export type StepName = 'DNS' | 'TCP' | 'TLS' | 'access' | 'record' | 'close';

/** One step on the way of a record to a destination, and what came of it. */
export interface TrialStep {
  readonly step: StepName;
  readonly tookMs?: number;
  readonly result: CheckResult;
}

/** The way to the destination, as far as it went, and what the probe at its end said. */
export interface Approach {
  readonly place: SinkPlace;
  readonly way: Way;
  readonly probed: Outcome;
  readonly tookMs: number;
  /** Epoch ms. */
  readonly now: number;
}

export const NOT_TRIED: CheckResult = { kind: 'skipped', why: 'not tried' };

/** DNS, TCP, TLS and whether the destination lets us in, each as far as it is known. */
export function approachSteps(approach: Approach): readonly TrialStep[] {
  const { probed, place } = approach;
  const failure = failureOf(probed, place.name);
  const failedAt = failure && failedStep(failure.code, approach);
  return stepsOf(approach).map((step) => {
    if (failure && step === failedAt) return { step, result: failure };
    return wentWell(step, approach) ?? { step, result: NOT_TRIED };
  });
}

/** Undefined: the outcome is a success. */
export function failureOf(outcome: Outcome, place: string) {
  if (outcome.kind === 'ok') return undefined;
  const said = splitCode(outcome.kind === 'blocked' ? outcome.detail : outcome.why);
  const code = said.code ?? 'DST-005';
  return { kind: 'failed', code, found: said.text, fix: fixFor(code, place, said.text) } as const;
}

/** An address has no name to resolve, clear text no TLS, and a datagram no connection. */
function stepsOf({ place, way, probed }: Approach): readonly StepName[] {
  const isNamed = way.resolved !== undefined || failureOf(probed, '')?.code === 'DST-001';
  const isSecure = place.transport === 'https' || place.transport === 'tls';
  const steps: readonly (StepName | false)[] = [
    isNamed && 'DNS',
    place.transport !== 'udp' && 'TCP',
    isSecure && 'TLS',
    'access',
  ];
  return steps.filter((step) => step !== false);
}

const STEP_OF_CODE: ReadonlyMap<ErrorCode, StepName> = new Map([
  ['DST-001', 'DNS'],
  ['DST-002', 'TCP'],
  ['DST-003', 'TLS'],
]);

/** A certificate of ours may be refused after the handshake; then it is not the handshake that failed. */
function failedStep(code: ErrorCode, approach: Approach): StepName {
  const step = STEP_OF_CODE.get(code) ?? 'access';
  const isPast = step === 'TLS' && approach.way.secured !== undefined;
  return stepsOf(approach).includes(step) && !isPast ? step : 'access';
}

/** Undefined: nothing is known of it. */
function wentWell(step: StepName, { place, way, probed, tookMs, now }: Approach): TrialStep | undefined {
  const { resolved, connected, secured } = way;
  switch (step) {
    case 'DNS':
      return resolved && { step, tookMs: resolved.tookMs, result: passed(namesText(resolved, place)) };
    case 'TCP':
      return connected && { step, tookMs: connected.tookMs, result: passed(wayText(way, place)) };
    case 'TLS':
      return secured && { step, tookMs: secured.tookMs, result: judgeTls(secured.facts, now) };
    case 'access':
      return probed.kind === 'ok' ? { step, tookMs, result: passed(ACCESS[probed.grade]) } : undefined;
    case 'record':
    case 'close':
      return undefined;
  }
}

export function passed(found: string): CheckResult {
  return { kind: 'passed', found };
}

/** What a probe has shown, by the best that the connection can prove. */
const ACCESS: Readonly<Record<Grade, string>> = {
  none: 'nothing was refused; UDP has no answers, so this proves little',
  kernel: 'the receiver keeps the connection open',
  'peer-read': 'the receiver answers the end of a connection: confirm: close works',
  accepted: 'the destination lets us in',
  indexed: 'the destination lets us in',
};

function namesText({ host, addresses }: NonNullable<Way['resolved']>, place: SinkPlace): string {
  // The name of a proxy, or of the server that gives tokens.
  const isOther = !place.name.startsWith(`${host}:`);
  return `${isOther ? `${host} is ` : ''}${addresses.join(', ')}`;
}

function wayText({ connected, proxied }: Way, place: SinkPlace): string {
  if (proxied) return `the proxy ${proxied.through} opened the way to ${proxied.to}`;
  if (!connected) return '';
  return `connected to ${connected.address}${connected.to === place.name ? '' : ` (${connected.to})`}`;
}

const MOST_NAMES = 3;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}

const DAY_MS = 86_400_000;
const DAYS_TO_WARN = 30;

function judgeTls({ version, names, issuer, expiresAt }: TlsFacts, now: number): CheckResult {
  const days = Math.floor((expiresAt - now) / DAY_MS);
  const left = days === 1 ? '1 day' : `${days} days`;
  const found = `${version}, ${listed(names)}, issued by ${issuer}, ${left} left`;
  if (days >= DAYS_TO_WARN) return passed(found);
  const end = new Date(expiresAt).toISOString().slice(0, 10);
  return {
    kind: 'warned',
    code: 'DST-003',
    found,
    fix: `Renew the certificate of the receiver before ${end}.`,
  };
}
