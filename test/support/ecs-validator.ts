import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

import { isJsonObject } from '../../agent/model/json.ts';

const FIELDS = new URL('../fixtures/ecs/fields-9.5.tsv', import.meta.url);

interface Field {
  readonly type: string;
  readonly isArray: boolean;
  /** Empty: any. */
  readonly values: readonly string[];
}

/** Fields of ours, beside ECS: in a tree that ECS leaves to the vendor, and in one of our own name. */
const CUSTOM = `
aws.guardduty.admin_account_id keyword
aws.guardduty.arn keyword
aws.guardduty.associated_attack_sequence_arn keyword
aws.guardduty.custom_detection_rule_name keyword
aws.guardduty.resource.type keyword
aws.guardduty.resource.uid keyword array
aws.guardduty.service.additional_info match_only_text
aws.guardduty.service.archived boolean
aws.guardduty.service.count long
aws.guardduty.service.detector_id keyword
aws.guardduty.service.evidence.threat_list_names keyword array
aws.guardduty.service.evidence.threat_names keyword array
aws.guardduty.service.feature_name keyword
aws.guardduty.service.resource_role keyword
aws.guardduty.severity.code float
aws.guardduty.severity.value keyword
aws.guardduty.type keyword
guardrelay.bytes long
guardrelay.dropped keyword array
guardrelay.truncated boolean`;

function readFields(): ReadonlyMap<string, Field> {
  const published = readFileSync(FIELDS, 'utf8').trim().split('\n').slice(1);
  const rows = [
    ...published.map((line) => line.split('\t')),
    ...CUSTOM.trim()
      .split('\n')
      .map((line) => line.split(' ')),
  ];
  return new Map(
    rows.map(([name = '', type = '', normalization = '', values = '']) => [
      name,
      { type, isArray: normalization === 'array', values: values.split(' ').filter((value) => value !== '') },
    ]),
  );
}

const fields = readFields();
/** Labels are named by their user; a dot would begin another object. */
const LABEL = /^labels\.[^.]*[^.\s][^.]*$/;
const KEYWORD: Field = { type: 'keyword', isArray: false, values: [] };
/** Fields with members of their own, whose members are fields of the list. */
const OBJECTS = new Set(['object']);

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.isWellFormed();
}

function isWithin(value: unknown, limit: number): boolean {
  return typeof value === 'number' && Math.abs(value) <= limit;
}

const LARGEST_FLOAT = 3.4028234663852886e38;

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  boolean: (value) => typeof value === 'boolean',
  date: (value) => isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(value)),
  float: (value) => isWithin(value, LARGEST_FLOAT),
  geo_point: (value) => isJsonObject(value) && isWithin(value.lat, 90) && isWithin(value.lon, 180),
  ip: (value) => isText(value) && isIP(String(value)) !== 0 && !String(value).includes('%'),
  keyword: isText,
  long: (value) => Number.isSafeInteger(value),
  match_only_text: isText,
};

function scalarProblems(value: unknown, path: string, { type, values }: Field): readonly string[] {
  if (!TYPES[type]?.(value)) return [`${path}: is no ${type}`];
  const isAllowed = values.length === 0 || values.includes(String(value));
  return isAllowed ? [] : [`${path}: is none of its values`];
}

function fieldProblems(value: unknown, path: string, field: Field): readonly string[] {
  if (!field.isArray) return scalarProblems(value, path, field);
  if (!Array.isArray(value) || value.length === 0) return [`${path}: is no list with entries`];
  return value.flatMap((entry) => scalarProblems(entry, path, field));
}

function memberProblems(value: unknown, path: string): readonly string[] {
  const field = fields.get(path);
  if (field && !OBJECTS.has(field.type)) return fieldProblems(value, path, field);
  if (LABEL.test(path)) return scalarProblems(value, path, KEYWORD);
  if (!isJsonObject(value)) return [`${path}: is unknown`];
  const members = Object.entries(value);
  if (members.length === 0) return [`${path}: is empty`];
  return members.flatMap(([name, member]) => memberProblems(member, `${path}.${name}`));
}

/** Why a document is not one of ECS 9.5: names, types, lists, closed lists of values. */
export function ecsProblems(document: unknown): readonly string[] {
  if (!isJsonObject(document)) return ['is no object'];
  const missing = ['@timestamp', 'ecs', 'event'].filter((name) => document[name] === undefined);
  return [
    ...missing.map((name) => `${name}: is missing`),
    ...Object.entries(document).flatMap(([name, member]) => memberProblems(member, name)),
  ];
}
