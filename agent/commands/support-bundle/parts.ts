import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';

import type { Config } from '../../config/config.ts';
import type { Environment } from '../../config/environment.ts';
import { shownConfig } from '../../config/shown-config.ts';
import { renderListing } from '../../console/terminal/listing.ts';
import type { Screen } from '../../console/terminal/screen.ts';
import { renderStatus } from '../../console/terminal/status-view.ts';
import { logRingFiles, logRingPath } from '../../log-ring.ts';
import type { Clock } from '../../model/clock.ts';
import { quarantineFolder } from '../../ship/quarantine.ts';
import { checkpointListing } from '../checkpoint/show-checkpoints.ts';
import { EVERYTHING } from '../doctor/agenda.ts';
import { examineAgent, memoryOfProcess } from '../doctor/agent.ts';
import { ALL_CHECKS } from '../doctor/catalog.ts';
import { examineConfig } from '../doctor/config.ts';
import { exitCodeOf } from '../doctor/exit.ts';
import { examinationListing } from '../doctor/report.ts';
import type { Examination } from '../doctor/rows.ts';
import { storedOverview } from '../status/show-status.ts';
import { readStore } from '../store/read-store.ts';
import { statusesOf } from '../store/stored-statuses.ts';
import { hostFacts } from './host-facts.ts';
import { quarantineSummary } from './quarantine-summary.ts';
import { versions } from './versions.ts';

/** What the parts are made from. */
export interface BundleSources {
  readonly config: Config;
  readonly env: Environment;
  readonly clock: Clock;
  /** Asks AWS and the destinations; absent: only what this host knows is examined. */
  readonly examine?: (() => Promise<Examination>) | undefined;
  /** What the running agent counts. */
  metrics(): Promise<string>;
}

/** A file of the bundle: it is made, or it says why it cannot be. */
interface Part {
  readonly name: string;
  make(sources: BundleSources): Promise<string>;
}

const JSON_SCREEN: Screen = { output: 'json', width: 100, color: false };

/** Everything in a bundle but its contents. One more: its line here. */
export const PARTS: readonly Part[] = [
  { name: 'versions.json', make: async ({ config }) => json(await versions(config.agent.dataDir)) },
  { name: 'config.yaml', make: async ({ config }) => stringify(shownConfig(config)) },
  { name: 'doctor.json', make: doctor },
  { name: 'status.json', make: status },
  { name: 'checkpoints.json', make: checkpoints },
  {
    name: 'quarantine.json',
    make: async ({ config }) => json(await quarantineSummary(quarantineFolder(config.agent.dataDir))),
  },
  { name: 'metrics.txt', make: ({ metrics }) => metrics() },
  { name: 'host.json', make: async ({ config, env }) => json(await hostFacts(config.agent.dataDir, env)) },
  { name: 'log.ndjson', make: lastLines },
];

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function doctor(sources: BundleSources): Promise<string> {
  const { clock, examine = () => examineHost(sources) } = sources;
  const begunAt = clock.monotonic();
  const examination = await examine();
  const exitCode = exitCodeOf(examination, false);
  const view = { now: clock.now(), tookMs: clock.monotonic() - begunAt, exitCode };
  return renderListing(examinationListing(examination, view), JSON_SCREEN);
}

async function examineHost({ config, clock }: BundleSources): Promise<Examination> {
  const asked = { only: ALL_CHECKS, agenda: EVERYTHING };
  const subject = { dataDir: config.agent.dataDir, clock, memory: memoryOfProcess() };
  return {
    rows: [...(await examineAgent(subject, asked)), ...(await examineConfig(config, asked))],
    leftOut: [],
  };
}

async function status({ config, clock }: BundleSources): Promise<string> {
  const now = clock.now();
  return renderStatus(await storedOverview(config, now), JSON_SCREEN, now);
}

async function checkpoints({ config, clock }: BundleSources): Promise<string> {
  const statuses = await readStore(config.agent.dataDir, (store) => statusesOf(store, undefined));
  return renderListing(checkpointListing(statuses, clock.now()), JSON_SCREEN);
}

async function lastLines({ config }: BundleSources): Promise<string> {
  const files = logRingFiles(logRingPath(config.agent.dataDir)).filter((file) => existsSync(file));
  if (files.length === 0) throw new Error('no agent has logged with this data directory');
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('');
}
