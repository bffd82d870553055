import { readFile } from 'node:fs/promises';
import { z } from 'zod';

import { isJsonObject, jsonOf } from '../model/json.ts';
import type { RelayEvent } from '../model/relay-event.ts';
import { cut } from './text.ts';
import { UnfitError } from './unfit.ts';

/** Templates that come with guardrelay. */
export const SHIPPED = ['jira', 'opsgenie', 'teams', 'zendesk'] as const;
const FOLDER = new URL('../../config/notify-templates/', import.meta.url);

const step = z.strictObject({
  /** Below the URL of the channel; absent: that URL itself. */
  path: z
    .string()
    // Two slashes would name another host.
    .regex(/^\/(?![/\\])/, { error: 'must begin with one slash' })
    .exactOptional(),
  body: z.json(),
});

const template = z.strictObject({
  trigger: step,
  /** Absent: of an end nothing is sent. */
  resolve: step.exactOptional(),
  /** Absent: as a trigger. */
  notice: step.exactOptional(),
});

type Template = z.infer<typeof template>;

/** What stands between the braces. */
export type Fields = Readonly<Record<string, string>>;

export interface Filled {
  readonly path?: string;
  readonly body: string;
}

/** A template of the user's own, or one that comes with guardrelay, by its name. */
export async function readTemplate(name: string): Promise<Template> {
  const file = SHIPPED.some((shipped) => shipped === name) ? new URL(`${name}.json`, FOLDER) : name;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UnfitError(`the template ${name} cannot be read`, { cause: error });
  });
  const parsed = template.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new UnfitError(`the template ${name} is no template: ${z.prettifyError(parsed.error)}`);
}

/** Undefined: the template has nothing to say of such an event. */
export function fillTemplate(
  { trigger, resolve, notice = trigger }: Template,
  action: RelayEvent['action'],
  fields: Fields,
): Filled | undefined {
  const chosen = { trigger, resolve, notice }[action];
  if (!chosen) return undefined;
  const body = JSON.stringify(filledValue(chosen.body, fields));
  if (chosen.path === undefined) return { body };
  return { path: filledText(chosen.path, fields, encodeURIComponent), body };
}

/** Only texts are filled, never the JSON around them: nothing in an event can add to its structure. */
function filledValue(value: unknown, fields: Fields): unknown {
  if (typeof value === 'string') return filledText(value, fields);
  if (Array.isArray(value))
    return value.filter((each) => isWanted(each, fields)).map((each) => filledValue(each, fields));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([name, each]) => name !== WHEN && isWanted(each, fields));
  return Object.fromEntries(entries.map(([name, each]) => [name, filledValue(each, fields)]));
}

/** An object with this is left out where it comes to nothing. */
const WHEN = '$when';

function isWanted(value: unknown, fields: Fields): boolean {
  if (!isJsonObject(value) || typeof value[WHEN] !== 'string') return true;
  return filledText(value[WHEN], fields) !== '';
}

/** `{{name}}`, `{{name 130}}` (at most so long), `{{name critical=P1 high=P2}}` (one of these instead). */
const PLACE = /\{\{\s*([\w.]+)((?:\s+[^\s{}]+)*)\s*\}\}/g;

function filledText(text: string, fields: Fields, encode = (value: string) => value): string {
  return text.replaceAll(PLACE, (_, name: string, rest: string) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value === undefined) throw new UnfitError(`a template asks for {{${name}}}, which there is not`);
    return encode(treated(inert(value), rest.trim().split(/\s+/)));
  });
}

function treated(value: string, words: readonly string[]): string {
  const [first = ''] = words;
  if (first === '') return value;
  if (/^\d+$/.test(first)) return cut(value, Number(first));
  const chosen = words.find((word) => word.startsWith(`${value}=`));
  return chosen?.slice(value.length + 1) ?? '';
}

/** Many vendors fill in braces of their own. */
function inert(value: string): string {
  return value.replaceAll('{{', '{ {').replaceAll('}}', '} }');
}
