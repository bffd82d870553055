import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { JsonObject } from '../../../agent/model/json.ts';
import { type Agent, type Scene, setUpRelay } from './agent.ts';
import { makeCertificates } from './certificates.ts';
import { type Listener, type Rsyslogd, startRsyslogd } from './rsyslogd.ts';

/** A real rsyslogd to ship to, and a folder for everything. */
export interface Stage {
  readonly rsyslogd: Rsyslogd;
  /** A destination that ships to a listener of rsyslogd. */
  syslog(listener: Listener, options?: JsonObject): JsonObject;
  /** Of the configuration and the data of the agent. */
  readonly agentDirectory: string;
  /** The agent, set to ship what it reads in the scene to every one of these destinations; the same one each time. */
  agentFor(scene: Scene, destinations: readonly JsonObject[]): Promise<Agent>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
  await mkdir(join(directory, 'certificates'));
  const certificates = await makeCertificates(join(directory, 'certificates'));
  const rsyslogd = await startRsyslogd(join(directory, 'rsyslogd'), certificates);
  const agentDirectory = join(directory, 'agent');

  return {
    rsyslogd,
    syslog: (listener, options = {}) => ({
      id: listener,
      type: 'syslog',
      host: '127.0.0.1',
      port: rsyslogd.ports[listener],
      format: 'raw',
      ...(listener === 'tcp'
        ? { transport: 'tcp', insecureTransport: true }
        : { transport: 'tls', tls: { caFile: certificates.caFile } }),
      ...options,
    }),
    agentDirectory,
    agentFor: (scene, destinations) => setUpRelay(agentDirectory, scene, destinations),
    async close() {
      await rsyslogd.stop();
      await rm(directory, { recursive: true });
    },
  };
}
