import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { stringify } from 'yaml';

import type { JsonObject } from '../../../agent/model/json.ts';
import { type Child, type Ran, runChild, startChild } from './child.ts';

const main = fileURLToPath(new URL('../../../agent/main.ts', import.meta.url));

export interface AgentSetup {
  /** For its configuration and its data. */
  readonly directory: string;
  /** The configuration file, but for `version` and `agent`. */
  readonly configuration: JsonObject;
  readonly endpointUrl: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The command line of guardrelay, as a program of its own. */
export interface Agent {
  /** Runs a command that calls AWS to its end. */
  run(...args: readonly string[]): Promise<Ran>;
  /** Starts such a command, for the test to end. */
  start(...args: readonly string[]): Promise<Child>;
}

export async function setUpAgent({ directory, configuration, endpointUrl, env }: AgentSetup): Promise<Agent> {
  const configFile = join(directory, 'guardrelay.yaml');
  const agent = { id: 'peers', dataDir: join(directory, 'state'), leaseSeconds: 4, logFormat: 'json' };
  await mkdir(directory, { recursive: true });
  await writeFile(configFile, stringify({ version: 1, agent, ...configuration }));
  const command = (args: readonly string[]) => ({
    command: process.execPath,
    args: [main, ...args, '--config', configFile, '--endpoint-url', endpointUrl],
    cwd: directory,
    env,
  });
  return {
    run: (...args) => runChild(command(args)),
    start: (...args) => startChild(command(args)),
  };
}

/** The most memory that a running program ever had resident. */
export async function peakMemoryBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`the system does not tell the memory of ${pid}`);
  return Number(kilobytes) * 1024;
}
