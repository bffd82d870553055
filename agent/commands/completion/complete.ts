import type { Config } from '../../config/config.ts';
import { hasValues, valuesOf } from './values.ts';

/** What the scripts of all shells ask with: the words of the line follow, the last one open. */
const ASKED = '--get-yargs-completions';

/** True: the open word is a value that the configuration knows, and is answered. All others yargs finds by itself. */
export async function completeValue(args: readonly string[]): Promise<boolean> {
  const option = args.at(-2) ?? '';
  if (args[0] !== ASKED || !hasValues(option)) return false;
  const config = await configOf(args);
  const found = config ? await valuesOf(option, args.at(-1) ?? '', config) : [];
  process.stdout.write(found.map((value) => `${value}\n`).join(''));
  return true;
}

/** Nothing where there is no configuration, or one with mistakes: this is not the place to tell of them. */
async function configOf(words: readonly string[]): Promise<Config | undefined> {
  const { loadConfig } = await import('../../config/load.ts');
  const named = words.findLastIndex((word) => word === '-c' || word === '--config');
  return loadConfig(named < 0 ? undefined : words[named + 1], process.env).catch(() => undefined);
}
