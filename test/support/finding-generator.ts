import type { JsonObject, JsonValue } from '../../agent/model/json.ts';
import { adversarialEvents } from './adversarial-events.ts';
import { FINDING_KINDS, findingOf, findingTypes, kindOfType } from './finding-kinds.ts';
import { wholeFinding } from './finding-shape.ts';
import { plausible } from './finding-values.ts';
import { enveloped } from './log-events.ts';
import { otherEvents } from './other-events.ts';

/** The message of a log event, with a name to tell it by. */
export interface GeneratedEvent {
  readonly name: string;
  readonly text: string;
}

/** None of these is right for all leaves, and most are wrong for most. */
const WRONG: Readonly<Record<string, JsonValue>> = {
  text: 'text',
  'empty text': '',
  'a number': -7.5,
  true: true,
  'an object': { a: 1 },
  'a list': [],
  'a list in a list': [[null]],
};

function event(name: string, detail: JsonObject): GeneratedEvent {
  return { name, text: JSON.stringify(enveloped(detail)) };
}

function wholeEvents(): readonly GeneratedEvent[] {
  const identity = { accountId: '123456789012', region: 'us-west-2' };
  const wrong = Object.entries(WRONG).map(([what, value]) =>
    event(`every leaf is ${what}`, { ...wholeFinding(() => value), ...identity }),
  );
  return [
    event('every leaf is filled', wholeFinding(plausible)),
    { name: 'every leaf in SDK names', text: JSON.stringify(wholeFinding(plausible, 'sdk')) },
    event(
      'every leaf is null',
      wholeFinding(() => null),
    ),
    event('every leaf is null but the identity', { ...wholeFinding(() => null), ...identity }),
    ...wrong,
  ];
}

/** Every message that the formats have to cope with: each shape, type, kind and attack, and other events. */
export function generatedEvents(): readonly GeneratedEvent[] {
  const types = findingTypes().map((row) => {
    const { type, severity } = row;
    return event(`type ${type}`, findingOf(kindOfType(row), { type, severity }));
  });
  return [
    ...wholeEvents(),
    ...FINDING_KINDS.map((kind) => event(`kind ${kind.name}`, findingOf(kind))),
    ...types,
    ...adversarialEvents(),
    ...otherEvents(),
  ];
}
