import type { DestinationOptions } from '../../agent/ship/sinks/index.ts';
import { type SinkHarness, testSinkContract } from '../support/sink-contract.ts';
import { datadog } from '../support/sink-harness/datadog.ts';
import { elasticsearch, opensearch } from '../support/sink-harness/elasticsearch.ts';
import { googleSecops } from '../support/sink-harness/google-secops.ts';
import { loki } from '../support/sink-harness/loki.ts';
import { otlp } from '../support/sink-harness/otlp.ts';
import { relp } from '../support/sink-harness/relp.ts';
import { sentinel } from '../support/sink-harness/sentinel.ts';
import { splunkHec } from '../support/sink-harness/splunk-hec.ts';
import { sumoLogic } from '../support/sink-harness/sumo-logic.ts';
import { syslogHarnesses } from '../support/sink-harness/syslog.ts';
import { webhook } from '../support/sink-harness/webhook.ts';

// One more kind of destination does not compile before it has a harness here.
const harnesses: Readonly<Record<DestinationOptions['type'], readonly SinkHarness[]>> = {
  syslog: syslogHarnesses,
  relp: [relp],
  webhook: [webhook],
  datadog: [datadog],
  elasticsearch: [elasticsearch],
  opensearch: [opensearch],
  loki: [loki],
  otlp: [otlp],
  'splunk-hec': [splunkHec],
  'sumo-logic': [sumoLogic],
  sentinel: [sentinel],
  'google-secops': [googleSecops],
};

for (const harness of Object.values(harnesses).flat()) testSinkContract(harness);
