import type { DestinationOptions } from '../../agent/ship/sinks/index.ts';
import { type SinkHarness, testSinkContract } from '../support/sink-contract.ts';
import { syslogByClose } from '../support/sink-harness/syslog.ts';
import { webhook } from '../support/sink-harness/webhook.ts';

// One more kind of destination does not compile before it has a harness here.
const harnesses: Readonly<Record<DestinationOptions['type'], SinkHarness>> = {
  syslog: syslogByClose,
  webhook,
};

for (const harness of Object.values(harnesses)) testSinkContract(harness);
