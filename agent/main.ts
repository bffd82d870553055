#!/usr/bin/env node
import { existsSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

const OLDEST_NODE = [24, 12] as const;

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
}

/** Later starts take half the time. Not in the shared temporary folder, where others could write what is run here. */
function keepCompiled({ XDG_CACHE_HOME: caches, HOME: home }: NodeJS.ProcessEnv): void {
  const parent = caches || (home && join(home, '.cache'));
  // Node would make the folder too, but for ever where the file system answers that it cannot.
  const folder = parent && haveFolder(parent) && join(parent, 'guardrelay');
  if (folder && haveFolder(folder)) enableCompileCache(folder);
}

function haveFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch {
    return existsSync(path);
  }
}

if (isTooOld(process.versions.node)) {
  process.stderr.write(
    `guardrelay needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.version}\n`,
  );
  process.exitCode = 1;
} else {
  keepCompiled(process.env);
  const { runCommandLine } = await import('./commands/command-line.ts');
  await runCommandLine(process.argv.slice(2));
}
