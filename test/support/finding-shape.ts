import { readFileSync } from 'node:fs';

import type { JsonObject, JsonValue } from '../../agent/model/json.ts';

const SHAPE = new URL('../fixtures/guardduty/finding-shape.txt', import.meta.url);
const LINE = /^finding\.(\S+): (\{|\w+)[^[]*(?:\[SDK name (\w+)\])?/;

type LeafType = 'string' | 'number' | 'boolean' | 'timestamp' | 'map';

/** A value in a finding, by its path in wire names without the marks of lists and maps. */
export interface Leaf {
  readonly path: string;
  readonly type: LeafType;
}

export type Names = 'wire' | 'sdk';

interface Branch {
  readonly names: Readonly<Record<Names, string>>;
  readonly form: '' | '[]' | '{}';
  readonly members: Map<string, Branch>;
  leaf?: Leaf;
}

function createBranch(segment: string, sdkName?: string): Branch {
  const [, wire = '', form = ''] = /^(\w+)(\[\]|\{\})?$/.exec(segment) ?? [];
  const sdk = sdkName ?? wire.charAt(0).toUpperCase() + wire.slice(1);
  return { names: { wire, sdk }, form: form === '[]' || form === '{}' ? form : '', members: new Map() };
}

function leafType(word: string): LeafType {
  if (word === 'number' || word === 'boolean' || word === 'timestamp') return word;
  return word === '{' ? 'map' : 'string';
}

function addLine(root: Branch, line: string): void {
  const [, path, word, sdkName] = LINE.exec(line) ?? [];
  if (path === undefined || word === undefined) return;
  const segments = path.split('.');
  let branch = root;
  segments.forEach((segment, at) => {
    const isLast = at === segments.length - 1;
    const next = branch.members.get(segment) ?? createBranch(segment, isLast ? sdkName : undefined);
    branch.members.set(segment, next);
    branch = next;
  });
  branch.leaf = { path: path.replaceAll(/\[\]|\{\}/g, ''), type: leafType(word) };
}

function readShape(): Branch {
  const root = createBranch('finding');
  for (const line of readFileSync(SHAPE, 'utf8').split('\n')) addLine(root, line);
  return root;
}

const shape = readShape();

type LeafValue = (leaf: Leaf) => JsonValue;

function inForm(form: Branch['form'], value: JsonValue): JsonValue {
  if (form === '[]') return [value];
  return form === '{}' ? { 'AWS::S3::Bucket': value } : value;
}

function build({ members }: Branch, names: Names, leafValue: LeafValue): JsonObject {
  const built = [...members.values()].map((member): [string, JsonValue] => {
    const value = member.leaf ? leafValue(member.leaf) : build(member, names, leafValue);
    return [member.names[names], inForm(member.form, value)];
  });
  return Object.fromEntries(built);
}

/** A finding with everything that a finding can hold, each list with one entry. */
export function wholeFinding(leafValue: LeafValue, names: Names = 'wire'): JsonObject {
  return build(shape, names, leafValue);
}
