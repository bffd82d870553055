import { Counter, type Registry } from 'prom-client';

import type { AnsweredCall } from '../model/answered-call.ts';

/** Counts the requests to AWS. */
export interface CallMeter {
  answered(call: AnsweredCall): void;
  addTo(registry: Registry): void;
}

export function createCallMeter(): CallMeter {
  const requests = new Counter({
    name: 'guardrelay_aws_requests_total',
    help: 'Requests to AWS, each try of the SDK by itself',
    labelNames: ['service', 'operation', 'outcome'],
    registers: [],
  });
  const throttles = new Counter({
    name: 'guardrelay_aws_throttles_total',
    help: 'Requests that AWS answered with "too many"',
    labelNames: ['service', 'operation'],
    registers: [],
  });

  return {
    answered({ service, operation, outcome }) {
      requests.inc({ service, operation, outcome });
      throttles.inc({ service, operation }, outcome === 'throttled' ? 1 : 0);
    },
    addTo(registry) {
      for (const metric of [requests, throttles]) registry.registerMetric(metric);
    },
  };
}
