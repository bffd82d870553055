import { filled } from '../../present.ts';
import { cutForJson } from '../cut.ts';
import { fits } from '../rendered.ts';
import { filledList } from './attribute.ts';

type Tree = Record<string, unknown>;

/** What is left of an event that was too large. */
interface Shrunk {
  readonly text: string;
  /** Paths of what went. */
  readonly dropped: readonly string[];
}

/** Something that may go, by the object that holds it. */
interface Part {
  readonly holder: Tree;
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

interface Shrinking {
  readonly event: Tree;
  readonly dropped: Set<string>;
  readonly wholeBytes: number;
}

const KILOBYTE = 1024;
/** Of the names of what went, as they stand in the event. */
const SHOWN_PATHS = 6;
const SHOWN_PATH_BYTES = 40;
const MARK_BYTES = 350;

/** Attributes that nobody searches by. `*` is every member or entry. */
const OPTIONAL = [
  'resources.*.data',
  'resources.*.tags',
  'unmapped.*',
  'finding_info.{desc,related_events,attacks}',
  'evidences.*.actor.user.groups',
  'evidences.*.process.ancestry',
  'evidences.*.http_request',
  'api.request.data',
  'api.response',
].flatMap(pathsOf);
/** What the event says somewhere else too. */
const REPEATED = [
  '{message,activity_name,category_name,class_name,type_name,status}',
  'metadata.{event_code,log_name,log_provider,log_version,modified_time}',
  'finding_info.{analytic,data_sources,first_seen_time,last_seen_time,src_url}',
  'resources.*.{region,role}',
].flatMap(pathsOf);
/** What has to go where somebody made everything long. */
const LAST = [
  '{evidences,malware,http_request,comment,status_detail}',
  'resources.*.{ip,hostname,zone,namespace,owner,created_time,modified_time}',
  'actor.user.{uid_alt,programmatic_credentials}',
].flatMap(pathsOf);
/** Lists that lose entries from their end, until so many are left. */
const LISTS = { observables: 0, evidences: 1, malware: 1, resources: 1 };

/** `a.{b,c}` is `a.b` and `a.c`. */
function pathsOf(pattern: string): readonly (readonly string[])[] {
  const [, start = '', names = pattern] = /^(.*)\{(.*)\}$/.exec(pattern) ?? [];
  return names.split(',').map((name) => `${start}${name}`.split('.'));
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function partsAt(holder: unknown, [step = '', ...rest]: readonly string[], above: string): readonly Part[] {
  if (!isTree(holder)) return [];
  const names = step === '*' ? Object.keys(holder) : [step];
  return names.flatMap((name) => {
    const path = above === '' ? name : `${above}.${name}`;
    if (rest.length > 0) return partsAt(holder[name], rest, path);
    return holder[name] === undefined ? [] : { holder, name, path, bytes: jsonBytes(holder[name]) };
  });
}

/** Drops as few of these as it can: the largest first. */
function dropLargest(
  { event, dropped }: Shrinking,
  paths: readonly (readonly string[])[],
  excess: number,
): void {
  const parts = paths.flatMap((path) => partsAt(event, path, ''));
  let left = excess + MARK_BYTES;
  for (const { holder, name, path, bytes } of parts.toSorted((one, other) => other.bytes - one.bytes)) {
    if (left <= 0) break;
    delete holder[name];
    dropped.add(path);
    left -= bytes;
  }
}

function shortenLists({ event, dropped }: Shrinking, excess: number): void {
  let left = excess + MARK_BYTES;
  for (const [name, least] of Object.entries(LISTS)) {
    const list = event[name];
    while (Array.isArray(list) && list.length > least && left > 0) {
      left -= jsonBytes(list.pop());
      dropped.add(name);
    }
    if (Array.isArray(list) && list.length === 0) delete event[name];
  }
}

/** A base event has little else than its text. */
function dropRaw({ event, dropped }: Shrinking): void {
  if (event.class_uid === 0 || event.raw_data === undefined) return;
  delete event.raw_data;
  dropped.add('raw_data');
}

/** The text of a base event stays as far as it fits. */
function cutRaw({ event, dropped }: Shrinking, excess: number): void {
  const { raw_data: raw } = event;
  if (typeof raw !== 'string') return;
  event.raw_data = cutForJson(raw, jsonBytes(raw) - '""'.length - excess - MARK_BYTES);
  dropped.add('raw_data');
}

/** What has to have a form in OCSF is shorter than any limit here; so is the key of a finding. */
function cutStrings(tree: Tree, maxBytes: number): void {
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === 'string') tree[name] = cutForJson(value, maxBytes);
    else if (isTree(value)) cutStrings(value, maxBytes);
  }
}

const STEPS: readonly ((shrinking: Shrinking, excess: number) => void)[] = [
  dropRaw,
  (shrinking, excess) => dropLargest(shrinking, OPTIONAL, excess),
  shortenLists,
  cutRaw,
  (shrinking, excess) => dropLargest(shrinking, REPEATED, excess),
  ({ event }) => cutStrings(event, 1000),
  ({ event }) => cutStrings(event, 200),
  (shrinking, excess) => dropLargest(shrinking, LAST, excess),
  ({ event }) => cutStrings(event, 100),
  ({ event }) => cutStrings(event, 64),
];

function marked({ event, dropped, wholeBytes }: Shrinking): string {
  const { metadata, unmapped } = event;
  const shown = [...dropped].slice(0, SHOWN_PATHS).map((path) => cutForJson(path, SHOWN_PATH_BYTES));
  return JSON.stringify({
    ...event,
    metadata: {
      ...(isTree(metadata) ? metadata : {}),
      is_truncated: true,
      untruncated_size: Math.ceil(wholeBytes / KILOBYTE),
    },
    unmapped: filled({ ...(isTree(unmapped) ? unmapped : {}), guardrelay_dropped: filledList(shown) }),
  });
}

/**
 * An event in at most `maxBytes`, and still valid: without the original text, then without the largest parts
 * that nobody searches by, then with shorter lists and at last with shorter strings.
 */
export function shrinkEvent(text: string, maxBytes: number): Shrunk {
  const event: Tree = JSON.parse(text);
  const shrinking = { event, dropped: new Set<string>(), wholeBytes: Buffer.byteLength(text) };
  let shrunk = text;
  for (const step of STEPS) {
    step(shrinking, Buffer.byteLength(shrunk) - maxBytes);
    shrunk = marked(shrinking);
    if (fits(shrunk, maxBytes)) break;
  }
  return { text: shrunk, dropped: [...shrinking.dropped] };
}
