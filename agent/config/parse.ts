import { dirname, resolve } from 'node:path';
import type { z } from 'zod';

import { isJsonObject } from '../model/json.ts';
import { crossFaults } from './checks.ts';
import { type Config, configuration } from './config.ts';
import type { CustomerFile } from './customer-files.ts';
import { type Environment, environment, resolveAgent } from './environment.ts';
import { faultsOf } from './faults.ts';
import { inherit } from './inherit.ts';
import type { Mistake, Place, Spot } from './mistake.ts';
import { sentence } from './sentences.ts';
import { readYaml, type YamlText } from './yaml-text.ts';

export type Parsed =
  | {
      readonly kind: 'valid';
      readonly config: Config;
      /** Where something of it was written, in whichever file. */
      place(spot: Spot): Place;
    }
  | { readonly kind: 'mistaken'; readonly mistakes: readonly Mistake[] };

/** Reads the text of a configuration file and its customers' own; `env` may override settings of the whole agent. */
export function parseConfig(text: string, env: Environment, files: readonly CustomerFile[] = []): Parsed {
  const main = readYaml(text);
  const customers = files.map((each) => ({ file: each.file, read: readYaml(each.text) }));
  const broken = [
    ...('place' in main ? [] : main),
    ...customers.flatMap(({ file, read }) =>
      'place' in read ? [] : read.map((mistake) => ({ ...mistake, file })),
    ),
  ];
  if (!('place' in main) || broken.length > 0) return mistaken(broken);
  const proper = customers.flatMap(({ file, read }) => ('place' in read ? [{ file, read }] : []));
  return judge(together(main, proper), env);
}

interface FileOfCustomer {
  readonly file: string;
  readonly read: YamlText;
}

/** The main file and those of customers, as if all stood in one. */
function together({ values, place }: YamlText, files: readonly FileOfCustomer[]): YamlText {
  if (files.length === 0 || !isJsonObject(values)) return { values, place };
  const written = values.customers ?? [];
  if (!Array.isArray(written)) return { values, place };
  return {
    values: { ...values, customers: [...written, ...files.map(besideItself)] },
    place(spot) {
      const [list, at] = spot.path;
      const own = list === 'customers' && typeof at === 'number' ? files[at - written.length] : undefined;
      return own ? placeIn(own, spot) : place(spot);
    },
  };
}

/** The customer of a file; the paths in it are relative to its folder. */
function besideItself({ file, read: { values } }: FileOfCustomer): unknown {
  if (!isJsonObject(values) || !isJsonObject(values.accounts)) return values;
  const { accounts } = values;
  if (typeof accounts.file !== 'string') return values;
  return { ...values, accounts: { ...accounts, file: resolve(dirname(file), accounts.file) } };
}

function placeIn({ file, read }: FileOfCustomer, spot: Spot): Place {
  return { ...read.place({ ...spot, path: spot.path.slice(2) }), file };
}

function judge({ values, place }: YamlText, env: Environment): Parsed {
  const written = inherit(values);
  const file = configuration.safeParse(written, { error: sentence });
  const overrides = environment.safeParse(env, { error: sentence });
  const faults = [...(file.error?.issues ?? []).flatMap((issue) => faultsOf(issue)), ...crossFaults(written)];
  if (!file.success || !overrides.success || faults.length > 0) {
    const placed = faults.map((fault) => ({ code: fault.code, text: fault.text, ...place(fault) }));
    return mistaken([...placed, ...environmentMistakes(overrides.error?.issues ?? [])]);
  }
  const { agent, customers, destinations, notify, http } = file.data;
  return {
    kind: 'valid',
    config: { agent: resolveAgent(agent, overrides.data), customers, destinations, notify, http },
    place,
  };
}

/** By file, the main one first, and then from the top. */
function mistaken(mistakes: readonly Mistake[]): Parsed {
  const order = (one: Mistake, other: Mistake): number =>
    (one.file ?? '').localeCompare(other.file ?? '') ||
    (one.line ?? 0) - (other.line ?? 0) ||
    (one.column ?? 0) - (other.column ?? 0);
  return { kind: 'mistaken', mistakes: mistakes.toSorted(order) };
}

function environmentMistakes(issues: readonly z.core.$ZodIssue[]): readonly Mistake[] {
  return issues.map(({ path, message }) => ({ code: 'CFG-001', path: path.join('.'), text: message }));
}
