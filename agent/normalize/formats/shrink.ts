import { compactJson, isContainer, type JsonMember, membersOf } from '../json-text.ts';
import { cutForJson } from './cut.ts';
import { KEPT_OF_EVENT, type Keeping } from './kept.ts';

/** What is left of an event that was too large. */
export interface Shrunk {
  readonly text: string;
  /** Only blanks between tokens went. */
  readonly lossless: boolean;
  /** Paths of what went. */
  readonly dropped: readonly string[];
}

interface Branch {
  readonly path: string;
  readonly member: JsonMember;
  /** Of what is around something kept. */
  readonly branches?: readonly Branch[];
  readonly optional: boolean;
}

/** Bytes that `markOf` needs at most. */
export const MARK_BYTES = 400;
const MARK_PATHS_BYTES = 300;
const MARK_PATH_BYTES = 60;

/** No number that somebody needs is longer. */
const LONGEST_NUMBER = 32;

function isScalar(text: string, { start, end }: JsonMember): boolean {
  if (isContainer(text, start)) return false;
  return text[start] === '"' || end - start <= LONGEST_NUMBER;
}

function branchesOf(text: string, at: number, above: string, keeping: Keeping): readonly Branch[] {
  return membersOf(text, at).map((member) => {
    const path = above === '' ? member.name : `${above}.${member.name}`;
    if (!keeping.around.has(path) || !isContainer(text, member.start)) {
      return { path, member, optional: !keeping.paths.has(path) || !isScalar(text, member) };
    }
    return { path, member, optional: false, branches: branchesOf(text, member.start, path, keeping) };
  });
}

function optionalIn(branches: readonly Branch[]): readonly Branch[] {
  return branches.flatMap((branch) => (branch.optional ? [branch] : optionalIn(branch.branches ?? [])));
}

/** The fewest optional branches that free so many bytes: the largest first. */
function largest(text: string, branches: readonly Branch[], excess: number): ReadonlySet<Branch> {
  const sized = optionalIn(branches).map((branch) => {
    const { from, end } = branch.member;
    return { branch, bytes: Buffer.byteLength(text.slice(from, end)) };
  });
  const chosen = new Set<Branch>();
  let left = excess;
  for (const { branch, bytes } of sized.sort((one, other) => other.bytes - one.bytes)) {
    if (left <= 0) break;
    chosen.add(branch);
    left -= bytes;
  }
  return chosen;
}

function shorten(token: string, maxBytes: number): string {
  if (!token.startsWith('"') || token.length <= maxBytes) return token;
  return JSON.stringify(cutForJson(String(JSON.parse(token)), maxBytes));
}

interface Loss {
  readonly without: ReadonlySet<Branch>;
  readonly stringBytes: number;
}

/** The object or list that begins at `at`, without what it loses. */
function rebuild(text: string, at: number, branches: readonly Branch[], loss: Loss): string {
  const members = branches
    .filter((branch) => !loss.without.has(branch))
    .map(({ member: { from, start, end }, branches: inner }) => {
      const value = inner
        ? rebuild(text, start, inner, loss)
        : shorten(text.slice(start, end), loss.stringBytes);
      return text.slice(from, start) + value;
    });
  return text[at] === '{' ? `{${members.join(',')}}` : `[${members.join(',')}]`;
}

/**
 * A JSON object in at most `maxBytes`, with room for the mark if anything had to go: first blanks, then the
 * largest members that nobody searches by, then the ends of long strings. Undefined: even that is too much.
 */
export function shrinkJson(
  json: string,
  maxBytes: number,
  keeping: Keeping = KEPT_OF_EVENT,
): Shrunk | undefined {
  const text = compactJson(json);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return { text, lossless: true, dropped: [] };
  if (!text.startsWith('{')) return undefined;
  const branches = branchesOf(text, 0, '', keeping);
  const without = largest(text, branches, bytes - maxBytes + MARK_BYTES);
  const dropped = [...without].map(({ path }) => path);
  for (const stringBytes of keeping.stringBytes) {
    const shrunk = rebuild(text, 0, branches, { without, stringBytes });
    if (Buffer.byteLength(shrunk) <= maxBytes - MARK_BYTES) return { text: shrunk, lossless: false, dropped };
  }
  return undefined;
}

/** The member that tells a receiver what is missing. */
export function markOf(bytes: number, dropped: readonly string[]): string {
  const shown: string[] = [];
  let room = MARK_PATHS_BYTES;
  for (const path of dropped) {
    const text = JSON.stringify(cutForJson(path, MARK_PATH_BYTES));
    room -= Buffer.byteLength(text) + 1;
    if (room < 0) break;
    shown.push(text);
  }
  return `"guardrelay":{"truncated":true,"bytes":${bytes},"dropped":[${shown.join(',')}]}`;
}
