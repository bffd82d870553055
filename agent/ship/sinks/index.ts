import { z } from 'zod';

import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import type { Finder, FinderDeps } from '../finder.ts';
import { createDatadogSink, datadogOptions } from './datadog.ts';
import { createElasticsearchFinder, createElasticsearchSink, elasticsearchOptions } from './elasticsearch.ts';
import { createGoogleSecopsSink, googleSecopsOptions } from './google-secops.ts';
import { createLokiSink, lokiOptions } from './loki.ts';
import { createOpensearchFinder, createOpensearchSink, opensearchOptions } from './opensearch.ts';
import { createOtlpSink, otlpOptions } from './otlp.ts';
import { createRelpSink, relpOptions } from './relp.ts';
import { createSentinelSink, sentinelOptions } from './sentinel.ts';
import { createSplunkHecFinder, createSplunkHecSink, splunkHecOptions } from './splunk-hec.ts';
import { createSumoLogicSink, sumoLogicOptions } from './sumo-logic.ts';
import { createSyslogSink, syslogOptions } from './syslog.ts';
import { createWebhookSink, webhookOptions } from './webhook.ts';

/** Every kind of destination. One more: its file, one line here, one line in `createSink`. */
export const destinationOptions = z.discriminatedUnion('type', [
  syslogOptions,
  relpOptions,
  webhookOptions,
  datadogOptions,
  elasticsearchOptions,
  googleSecopsOptions,
  lokiOptions,
  opensearchOptions,
  otlpOptions,
  sentinelOptions,
  splunkHecOptions,
  sumoLogicOptions,
]);

export type DestinationOptions = z.infer<typeof destinationOptions>;

export function createSink(options: DestinationOptions, deps: SinkDeps): Sink {
  switch (options.type) {
    case 'syslog':
      return createSyslogSink(options, deps);
    case 'relp':
      return createRelpSink(options, deps);
    case 'webhook':
      return createWebhookSink(options, deps);
    case 'datadog':
      return createDatadogSink(options, deps);
    case 'elasticsearch':
      return createElasticsearchSink(options, deps);
    case 'google-secops':
      return createGoogleSecopsSink(options, deps);
    case 'loki':
      return createLokiSink(options, deps);
    case 'opensearch':
      return createOpensearchSink(options, deps);
    case 'otlp':
      return createOtlpSink(options, deps);
    case 'sentinel':
      return createSentinelSink(options, deps);
    case 'splunk-hec':
      return createSplunkHecSink(options, deps);
    case 'sumo-logic':
      return createSumoLogicSink(options, deps);
  }
}

/** What looks for a record in the destination itself; undefined: nothing that is configured here can. */
export function createFinder(options: DestinationOptions, deps: FinderDeps): Finder | undefined {
  switch (options.type) {
    case 'elasticsearch':
      return createElasticsearchFinder(options, deps);
    case 'opensearch':
      return createOpensearchFinder(options, deps);
    case 'splunk-hec':
      return createSplunkHecFinder(options, deps);
    case 'syslog':
    case 'relp':
    case 'webhook':
    case 'datadog':
    case 'google-secops':
    case 'loki':
    case 'otlp':
    case 'sentinel':
    case 'sumo-logic':
      return undefined;
  }
}
