import { readFile, statfs } from 'node:fs/promises';
import { arch, availableParallelism, freemem, loadavg, platform, release, totalmem, uptime } from 'node:os';

import type { Environment } from '../../config/environment.ts';
import { memoryOfProcess } from '../doctor/agent.ts';

/** The machine and this process, with the names of the environment variables and not their values. */
export async function hostFacts(dataDir: string, env: Environment): Promise<object> {
  return {
    ...{ platform: platform(), release: release(), arch: arch(), processors: availableParallelism() },
    uptimeSeconds: Math.round(uptime()),
    load: loadavg(),
    memory: { totalBytes: totalmem(), freeBytes: freemem(), process: memoryOfProcess() },
    disk: await diskOf(dataDir),
    limits: await limits(),
    user: process.getuid?.(),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    environment: Object.keys(env).toSorted(),
  };
}

async function diskOf(dataDir: string): Promise<object | undefined> {
  const facts = await statfs(dataDir).catch(() => undefined);
  if (!facts) return undefined;
  const { type, bsize, blocks, bavail, files, ffree } = facts;
  return { type, totalBytes: blocks * bsize, freeBytes: bavail * bsize, inodes: files, freeInodes: ffree };
}

/** Soft limits (ulimit); only Linux tells them. */
async function limits(): Promise<Readonly<Record<string, string>>> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const rows = text.split('\n').slice(1);
  return Object.fromEntries(
    rows.flatMap((row) => {
      const [, name, soft] = /^(\S.*?) {2,}(\S+)/.exec(row) ?? [];
      return name !== undefined && soft !== undefined ? [[name, soft]] : [];
    }),
  );
}
