import { isJsonObject, type JsonObject } from '../model/json.ts';
import { isBareFinding } from './classify.ts';
import { type JsonMember, membersOf } from './json-text.ts';

/** One finding of an export that holds several. */
export interface ListedFinding {
  readonly finding: JsonObject;
  /** Its own text. */
  readonly raw: string;
}

const LIST_NAMES = ['findings', 'Findings'] as const;

function textOf(json: string, { start, end }: JsonMember): string {
  return json.slice(start, end);
}

/** Texts of the entries of a list that is the whole JSON, or its member `name`. */
function entryTexts(json: string, name: string | undefined): readonly string[] {
  const start = json.search(/[[{]/);
  const members = membersOf(json, start);
  if (name === undefined) return members.map((member) => textOf(json, member));
  // Of equal keys the last one counts, as for JSON.parse.
  const list = members.findLast((member) => member.name === name);
  return list ? membersOf(json, list.start).map((member) => textOf(json, member)) : [];
}

/** The findings of `{"findings": […]}` or of a bare list, if it holds nothing else; empty lists are no lists. */
export function findingsIn(value: unknown, json: string): readonly ListedFinding[] | undefined {
  const name = isJsonObject(value) ? LIST_NAMES.find((one) => Array.isArray(value[one])) : undefined;
  const list: unknown = isJsonObject(value) ? value[name ?? ''] : value;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isBareFinding)) return undefined;
  const texts = entryTexts(json, name);
  return list.map((finding, at) => ({ finding, raw: texts[at] ?? JSON.stringify(finding) }));
}
