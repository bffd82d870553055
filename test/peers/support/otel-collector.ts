import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { readLines } from './lines.ts';
import { freePort, untilListening } from './ports.ts';
import { type ServerProgram, serverProgram } from './server-program.ts';

const RECEIVERS = ['otlp', 'splunk_hec'] as const;
type Receiver = (typeof RECEIVERS)[number];

/** A value of the protocol, by the name of its type. */
const valueSchema = z.strictObject({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: z.string().optional(),
  doubleValue: z.number().optional(),
  get arrayValue() {
    return z.object({ values: z.array(valueSchema).default([]) }).optional();
  },
  get kvlistValue() {
    return z.object({ values: pairsSchema }).optional();
  },
});
const pairsSchema = z.array(z.object({ key: z.string(), value: valueSchema })).default([]);
const recordSchema = z.object({ body: valueSchema, attributes: pairsSchema });
const exportSchema = z.object({
  resourceLogs: z.array(
    z.object({
      resource: z.object({ attributes: pairsSchema }),
      scopeLogs: z.array(z.object({ logRecords: z.array(recordSchema) })),
    }),
  ),
});

/** What a receiver of the Collector made of one record. */
interface CollectedRecord {
  readonly body: unknown;
  /** Those of its resource and its own. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A real OpenTelemetry Collector, which writes what each of its receivers gets into a file. */
export interface OtelCollector extends ServerProgram {
  readonly urls: Readonly<Record<Receiver, string>>;
  records(receiver: Receiver): Promise<readonly CollectedRecord[]>;
}

interface HecTarget {
  readonly url: string;
  readonly token: string;
}

/** `forwardTo`: where its own HEC exporter sends what comes by OTLP. */
export async function startOtelCollector(directory: string, forwardTo?: HecTarget): Promise<OtelCollector> {
  const ports = { otlp: await freePort(), splunk_hec: await freePort() };
  const fileOf = (receiver: Receiver): string => join(directory, `${receiver}.jsonl`);
  const configFile = join(directory, 'otel-collector.json');
  await mkdir(directory, { recursive: true });
  await writeFile(configFile, JSON.stringify(withForwarding(configuration(ports, fileOf), forwardTo)));
  const command = { command: 'otel-collector', args: [`--config=file:${configFile}`] };
  const program = serverProgram(command, async () => {
    for (const receiver of RECEIVERS) await untilListening(ports[receiver]);
  });
  await program.start();

  return {
    ...program,
    urls: {
      otlp: `http://127.0.0.1:${ports.otlp}`,
      splunk_hec: `http://127.0.0.1:${ports.splunk_hec}`,
    },
    records: async (receiver) => (await readLines(fileOf(receiver))).flatMap(recordsOf),
  };
}

function configuration(ports: Readonly<Record<Receiver, number>>, fileOf: (receiver: Receiver) => string) {
  const endpointOf = (receiver: Receiver) => ({ endpoint: `127.0.0.1:${ports[receiver]}` });
  const pipelineOf = (receiver: Receiver) => ({ receivers: [receiver], exporters: [`file/${receiver}`] });
  // Only with rotation does it append to its file, and write what it gets at once.
  const exporterOf = (receiver: Receiver) => ({
    path: fileOf(receiver),
    rotation: { max_megabytes: 1_000 },
  });
  return {
    receivers: { otlp: { protocols: { http: endpointOf('otlp') } }, splunk_hec: endpointOf('splunk_hec') },
    exporters: Object.fromEntries(RECEIVERS.map((receiver) => [`file/${receiver}`, exporterOf(receiver)])),
    service: {
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
      pipelines: Object.fromEntries(RECEIVERS.map((receiver) => [`logs/${receiver}`, pipelineOf(receiver)])),
    },
  };
}

type Configuration = ReturnType<typeof configuration>;

function withForwarding(written: Configuration, target: HecTarget | undefined): object {
  if (!target) return written;
  const { url, token } = target;
  const pipelines = { 'logs/forward': { receivers: ['otlp'], exporters: ['splunk_hec'] } };
  return {
    ...written,
    exporters: { ...written.exporters, splunk_hec: { endpoint: `${url}/services/collector/event`, token } },
    service: { ...written.service, pipelines: { ...written.service.pipelines, ...pipelines } },
  };
}

function recordsOf(line: string): readonly CollectedRecord[] {
  const { resourceLogs } = exportSchema.parse(JSON.parse(line));
  return resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs
      .flatMap(({ logRecords }) => logRecords)
      .map(({ body, attributes }) => ({
        body: plain(body),
        attributes: plainPairs([...resource.attributes, ...attributes]),
      })),
  );
}

function plain({ arrayValue, kvlistValue, ...scalar }: z.infer<typeof valueSchema>): unknown {
  if (arrayValue) return arrayValue.values.map(plain);
  if (kvlistValue) return plainPairs(kvlistValue.values);
  return scalar.stringValue ?? scalar.boolValue ?? scalar.doubleValue ?? Number(scalar.intValue);
}

function plainPairs(pairs: z.infer<typeof pairsSchema>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)]));
}
