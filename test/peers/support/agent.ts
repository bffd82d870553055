import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { stringify } from 'yaml';

import type { JsonObject } from '../../../agent/model/json.ts';
import { type Child, type Ran, runChild, startChild } from './child.ts';
import { freePort } from './ports.ts';

const main = fileURLToPath(new URL('../../../agent/main.ts', import.meta.url));

interface AgentSetup {
  /** For its configuration and its data. */
  readonly directory: string;
  /** The configuration file, but for `version`, `agent` and `http`. */
  readonly configuration: JsonObject;
  readonly endpointUrl: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The command line of guardrelay, as a program of its own. */
export interface Agent {
  /** Of its metrics. */
  readonly url: string;
  /** Runs a command that calls AWS to its end. */
  run(...args: readonly string[]): Promise<Ran>;
  /** Starts such a command, for the test to end. */
  start(...args: readonly string[]): Promise<Child>;
}

async function setUpAgent({ directory, configuration, endpointUrl, env }: AgentSetup): Promise<Agent> {
  const listen = `127.0.0.1:${await freePort()}`;
  const configFile = join(directory, 'guardrelay.yaml');
  const agent = { id: 'peers', dataDir: join(directory, 'state'), leaseSeconds: 4, logFormat: 'json' };
  await mkdir(directory, { recursive: true });
  await writeFile(configFile, stringify({ version: 1, agent, http: { listen }, ...configuration }));
  const command = (args: readonly string[]) => ({
    command: process.execPath,
    args: [main, ...args, '--config', configFile, '--endpoint-url', endpointUrl],
    cwd: directory,
    env,
  });
  return {
    url: `http://${listen}`,
    run: (...args) => runChild(command(args)),
    start: (...args) => startChild(command(args)),
  };
}

/** Whom the agent reads, and where that is. */
export interface Scene {
  readonly endpointUrl: string;
  /** A customer of the configuration, but for where its records go. */
  readonly customer: JsonObject;
  /** What the agent finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The agent, set to ship what it reads in the scene to every one of these destinations. */
export async function setUpRelay(
  directory: string,
  { endpointUrl, customer, env }: Scene,
  destinations: readonly JsonObject[],
): Promise<Agent> {
  const ids = destinations.map(({ id }) => id ?? '');
  const configuration = {
    defaults: {
      collect: { startAt: 'beginning' },
      poll: { baseSeconds: 1, activeSeconds: 1 },
      heartbeat: { mode: 'off' },
    },
    customers: [{ ...customer, destinations: ids }],
    destinations,
  };
  return setUpAgent({ directory, configuration, endpointUrl, env });
}

/** The most memory that a running program ever had resident. */
export async function peakMemoryBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`the system does not tell the memory of ${pid}`);
  return Number(kilobytes) * 1024;
}
