import type { User } from '../../model/actor.ts';
import type { ConfigChange } from '../../model/config-change.ts';
import type { JsonObject } from '../../model/json.ts';

/** Longest piece that the text of others may be in a sentence. */
const LONGEST_PIECE = 100;

/** Of the verbs that wishes begin with, those that take more than `d` or `ed`. */
const PAST: Readonly<Record<string, string>> = {
  apply: 'applied',
  drop: 'dropped',
  leave: 'left',
  scan: 'scanned',
  send: 'sent',
  stop: 'stopped',
  tag: 'tagged',
};

/** Controls, line breaks of Unicode and marks that turn text around have no place in a sentence. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu;

function piece(text: string): string {
  const cut = text.length > LONGEST_PIECE ? `${text.slice(0, LONGEST_PIECE)}…` : text;
  return cut.replace(UNSEEN, ' ').trim();
}

function pieceOf(value: JsonObject[string]): string {
  if (Array.isArray(value)) return `(${value.length})`;
  return typeof value === 'string' || typeof value === 'number' ? piece(String(value)) : '';
}

/** The wish with what the request says in place of the braces. */
export function filledWish(wish: string, request: JsonObject = {}): string {
  const text = wish.replace(/ ?\{(\w+)\}/g, (_braces, name: string) => {
    const words = Object.hasOwn(request, name) ? pieceOf(request[name]) : '';
    return words === '' ? '' : ` ${words}`;
  });
  return text.trim();
}

/** `delete detector abc` → `deleted detector abc`. */
function inThePast(wish: string): string {
  const [verb = '', ...rest] = wish.split(' ');
  const regular = verb.endsWith('e') ? `${verb}d` : `${verb}ed`;
  const past = Object.hasOwn(PAST, verb) ? PAST[verb] : regular;
  return [past, ...rest].join(' ');
}

const KINDS: Readonly<Record<string, string>> = {
  AssumedRole: 'role',
  IAMUser: 'user',
  FederatedUser: 'federated user',
};

function nameOfUser({ type = '', name, arn }: User, actor: string | undefined): string {
  if (type === 'Root') return 'the root user';
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (kind !== undefined && name !== undefined) return `${kind}/${piece(name)}`;
  return piece(name ?? arn ?? actor ?? 'somebody');
}

/** `role/Admin of 111111111111`. */
function who({ user, actor, source }: Told): string {
  if (!user) return piece(actor ?? source.domain ?? 'somebody');
  const name = nameOfUser(user, actor);
  return user.account === undefined ? name : `${name} of ${piece(user.account)}`;
}

function where({ source, actor }: Told): string {
  if (source.ip !== undefined) return ` from ${source.ip}`;
  const name = source.domain === actor ? undefined : source.domain;
  return name === undefined ? '' : ` from ${piece(name)}`;
}

type Told = Pick<ConfigChange, 'actor' | 'user' | 'source' | 'errorCode'>;

/** Who did what from where and what follows, or who could not, in one line. */
export function callSentence(told: Told, wish: string, effect?: string): string {
  if (told.errorCode !== undefined) {
    return `${who(told)} tried to ${wish}${where(told)} and failed: ${piece(told.errorCode)}`;
  }
  const what = `${who(told)} ${inThePast(wish)}${where(told)}`;
  return effect === undefined ? what : `${what}: ${effect}`;
}
