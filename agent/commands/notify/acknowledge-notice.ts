import { existsSync } from 'node:fs';

import { loadConfig } from '../../config/load.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { openNoticeMemory } from '../../notify/memory.ts';
import { noticeFile } from './live-notices.ts';

/** In the file that a running agent looks into before it repeats anything. */
export async function acknowledgeNotice({
  config: path,
  key,
}: {
  readonly config?: string | undefined;
  readonly key: string;
}): Promise<ExitCode> {
  const config = await loadConfig(path, process.env);
  const file = noticeFile(config.agent.dataDir);
  if (!existsSync(file) || acknowledge(file, key) === 0) {
    throw new GuardrelayError('CLI-001', `Nothing that lasts was told under the key "${key}"`, {
      exitCode: EXIT.usage,
      fix: 'guardrelay notify list shows what lasts, with its key.',
    });
  }
  process.stderr.write(`${key} is not repeated any more; its end will be told.\n`);
  return EXIT.done;
}

function acknowledge(file: string, key: string): number {
  const memory = openNoticeMemory({ path: file, now: systemClock.now });
  try {
    return memory.acknowledge(key);
  } finally {
    memory.close();
  }
}
