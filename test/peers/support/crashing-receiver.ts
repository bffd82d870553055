import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { JsonObject } from '../../../agent/model/json.ts';
import { idIn } from '../../support/ship-records.ts';
import type { Certificates } from './certificates.ts';
import { startHaproxy } from './haproxy.ts';
import { readLines } from './lines.ts';
import { startRsyslogd } from './rsyslogd.ts';
import { startSyslogNg } from './syslog-ng.ts';

/** A real receiver that can be made to fail, and what it has written. */
export interface CrashingReceiver {
  /** The destination that ships to it, without an id. */
  readonly destination: JsonObject;
  /** Ids of the records in its file, with repeats. */
  written(): Promise<readonly string[]>;
  pause(): void;
  end(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const STREAM = { type: 'syslog', transport: 'tcp', host: '127.0.0.1', insecureTransport: true };

/** How records reach rsyslogd; RELP settles as quickly as the others here, after a second. */
function destinationOf(way: Way, caFile: string): JsonObject {
  switch (way) {
    case 'tcp':
      return STREAM;
    case 'ossl':
      return { type: 'syslog', host: '127.0.0.1', tls: { caFile } };
    case 'relp':
      return { ...STREAM, type: 'relp', settleMs: 1_000 };
  }
}

type Way = 'tcp' | 'ossl' | 'relp';

export async function crashingRsyslogd(way: Way, certificates: Certificates): Promise<CrashingReceiver> {
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
  const rsyslogd = await startRsyslogd(directory, certificates);
  return {
    destination: { ...destinationOf(way, certificates.caFile), port: rsyslogd.ports[way] },
    written: async () => (await rsyslogd.lines(way)).map(idIn),
    pause: rsyslogd.pause,
    end: (signal) => (signal === 'SIGKILL' ? rsyslogd.kill() : rsyslogd.stop()),
    start: rsyslogd.start,
    async close() {
      await rsyslogd.stop();
      await rm(directory, { recursive: true });
    },
  };
}

export async function crashingSyslogNg(): Promise<CrashingReceiver> {
  const syslogNg = await startSyslogNg();
  return {
    destination: { ...STREAM, port: syslogNg.ports['octet-counting'] },
    written: async () => (await readLines(syslogNg.file('octet-counting'))).map(idIn),
    pause: syslogNg.pause,
    end: syslogNg.end,
    start: syslogNg.start,
    close: syslogNg.stop,
  };
}

/** rsyslogd behind a load balancer, which takes connections and bridges the time while nobody stands behind it. */
export async function crashingBehindHaproxy(way: Way, certificates: Certificates): Promise<CrashingReceiver> {
  const receiver = await crashingRsyslogd(way, certificates);
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
  const haproxy = await startHaproxy(directory, Number(receiver.destination.port));
  return {
    ...receiver,
    destination: { ...receiver.destination, port: haproxy.port },
    async close() {
      await haproxy.stop();
      await rm(directory, { recursive: true });
      await receiver.close();
    },
  };
}
