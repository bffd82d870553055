import { isDeepStrictEqual } from 'node:util';

import type { Config } from '../../config/config.ts';
import type { Environment } from '../../config/environment.ts';
import { type LiveConfig, parseLiveConfig } from '../../config/live-config.ts';
import { type ConfigSource, mistakesError, mistakeText, readConfigSource } from '../../config/load.ts';
import type { Mistake } from '../../config/mistake.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';

export interface ConfigWatchParts {
  /** Of `--config`. */
  readonly path: string | undefined;
  readonly env: Environment;
  readonly clock: Clock;
  /** Reads on, sooner than planned: SIGHUP. */
  readonly wake: { until(ms: number, signal: AbortSignal): Promise<void> };
}

/** The configuration of a running agent, as its files change. */
export interface ConfigWatch {
  readonly current: Config;
  /** What is wrong with the files now, one sentence each. */
  readonly troubles: readonly string[];
  /** Tells of what is wrong already. */
  begin(logger: Logger): void;
  /** Until the agent should work with something else, which is then `current`, or the signal aborts. */
  changed(logger: Logger, signal: AbortSignal): Promise<boolean>;
}

/** File systems of containers do not tell of every change, so it is looked for. */
const LOOK_EVERY_MS = 10_000;
/** A file that is being written is left alone: it must stand still for so long. */
const STILL_MS = 500;

/** Throws if the main file is wrong; a broken file of a customer leaves out that customer alone. */
export async function openConfigWatch(parts: ConfigWatchParts): Promise<ConfigWatch> {
  const source = await readConfigSource(parts.path, parts.env);
  const parsed = parseLiveConfig(source, parts.env);
  if (parsed.kind === 'mistaken') throw mistakesError(source.file, parsed.mistakes);
  return new FileWatch(parts, source, parsed);
}

class FileWatch implements ConfigWatch {
  readonly #parts: ConfigWatchParts;
  #source: ConfigSource;
  #live: LiveConfig;
  #troubles: readonly string[];

  constructor(parts: ConfigWatchParts, source: ConfigSource, live: LiveConfig) {
    this.#parts = parts;
    this.#source = source;
    this.#live = live;
    this.#troubles = troublesOf(live);
  }

  get current(): Config {
    return this.#live.config;
  }

  get troubles(): readonly string[] {
    return this.#troubles;
  }

  begin(logger: Logger): void {
    for (const trouble of this.#troubles) logger.error(trouble, { code: 'CFG-001' });
  }

  async changed(logger: Logger, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      await this.#parts.wake.until(LOOK_EVERY_MS, signal);
      if (signal.aborted) return false;
      const source = await this.#readStill(signal).catch((error: unknown) => this.#unreadable(error, logger));
      if (source && this.#take(source, logger)) return true;
    }
    return false;
  }

  /** Undefined: nothing has changed. */
  async #readStill(signal: AbortSignal): Promise<ConfigSource | undefined> {
    const { path, env, clock } = this.#parts;
    let source = await readConfigSource(path, env);
    if (isDeepStrictEqual(source, this.#source)) return this.#readAgain();
    for (;;) {
      await clock.sleep(STILL_MS, signal);
      const next = await readConfigSource(path, env);
      if (isDeepStrictEqual(next, source) || signal.aborted) return next;
      source = next;
    }
  }

  /** They could not be read for a while, and are what they were. */
  #readAgain(): undefined {
    this.#troubles = troublesOf(this.#live);
  }

  #unreadable(error: unknown, logger: Logger): undefined {
    const text = error instanceof Error ? error.message : String(error);
    this.#tell([`${text}; what was read before stays`], logger);
  }

  #take(source: ConfigSource, logger: Logger): boolean {
    this.#source = source;
    const parsed = parseLiveConfig(source, this.#parts.env, this.#live.texts);
    if (parsed.kind === 'mistaken') {
      this.#tell(parsed.mistakes.map(keptText), logger);
      return false;
    }
    const before = this.#live.config;
    this.#live = parsed;
    this.#tell(troublesOf(parsed), logger);
    return !isDeepStrictEqual(before, parsed.config);
  }

  /** Each once. */
  #tell(troubles: readonly string[], logger: Logger): void {
    const told = new Set(this.#troubles);
    this.#troubles = troubles;
    for (const trouble of troubles) if (!told.has(trouble)) logger.error(trouble, { code: 'CFG-001' });
    if (troubles.length === 0 && told.size > 0) logger.info('the configuration is valid again');
  }
}

function keptText(mistake: Mistake): string {
  return `The configuration is not taken, what was valid before stays: ${mistakeText(mistake)}`;
}

function troublesOf({ broken }: LiveConfig): readonly string[] {
  return broken.map(({ file, mistakes, isKept }) => {
    const end = isKept ? 'works on with what stood there before' : 'is left out';
    return `The customer of ${file} ${end}: ${mistakes.map(mistakeText).join('; ')}`;
  });
}
