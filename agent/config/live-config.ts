import type { Config } from './config.ts';
import type { CustomerFile } from './customer-files.ts';
import type { Environment } from './environment.ts';
import { besideFile, type ConfigSource } from './load.ts';
import type { Mistake } from './mistake.ts';
import { parseConfig } from './parse.ts';

/** A file that was not taken as it stands now. */
interface BrokenFile {
  readonly file: string;
  readonly mistakes: readonly Mistake[];
  /** Its customer works on with what stood there before; else it is left out. */
  readonly isKept: boolean;
}

/** What a running agent works with: one broken file of a customer concerns no other customer. */
export interface LiveConfig {
  readonly config: Config;
  readonly broken: readonly BrokenFile[];
  /** The text of each customer's file that the configuration is made of. */
  readonly texts: ReadonlyMap<string, string>;
}

export type LiveParsed =
  | ({ readonly kind: 'valid' } & LiveConfig)
  /** Of the main file, without which there is nothing. */
  | { readonly kind: 'mistaken'; readonly mistakes: readonly Mistake[] };

/** `texts`: of customers' files when they were last right. */
export function parseLiveConfig(
  { file, text, customerFiles }: ConfigSource,
  env: Environment,
  texts: LiveConfig['texts'] = new Map(),
): LiveParsed {
  const broken = new Map<string, BrokenFile>();
  // Who was right already is never the one who is at fault for a clash with somebody new.
  let files = customerFiles.toSorted((one, other) => Number(isNew(one, texts)) - Number(isNew(other, texts)));
  // A file is replaced by its last text, then left out: an end after two rounds for each.
  for (;;) {
    const parsed = parseConfig(text, env, files);
    if (parsed.kind === 'valid') return { kind: 'valid', ...liveOf(file, parsed.config, files, broken) };
    const wrong = Map.groupBy(parsed.mistakes, (mistake) => mistake.file ?? '');
    if (wrong.has('')) {
      const causes = [...broken.values()].flatMap(({ mistakes }) => mistakes);
      return { kind: 'mistaken', mistakes: [...causes, ...parsed.mistakes] };
    }
    files = files.flatMap((each) => {
      const mistakes = wrong.get(each.file);
      if (!mistakes) return [each];
      const first = broken.get(each.file);
      const last = first ? undefined : texts.get(each.file);
      broken.set(each.file, { mistakes, ...first, file: each.file, isKept: last !== undefined });
      return last === undefined ? [] : [{ ...each, text: last }];
    });
  }
}

function isNew({ file, text }: CustomerFile, texts: LiveConfig['texts']): boolean {
  return texts.get(file) !== text;
}

function liveOf(
  file: string,
  config: Config,
  files: readonly CustomerFile[],
  broken: ReadonlyMap<string, BrokenFile>,
): LiveConfig {
  return {
    config: besideFile(file, config),
    broken: [...broken.values()],
    texts: new Map(files.map((each) => [each.file, each.text])),
  };
}
