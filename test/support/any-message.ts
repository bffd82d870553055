import fc from 'fast-check';

import { generatedEvents } from './finding-generator.ts';
import { enveloped, workedExample } from './log-events.ts';

// More of the random inputs: GUARDRELAY_INPUTS=200000 node test/normalize/ecs.test.ts
export const INPUTS = Number(process.env.GUARDRELAY_INPUTS ?? 500);

/** Texts, JSON, findings with members that are anything, and events with a few characters put in: messages of log events. */
export function anyMessage(): fc.Arbitrary<string> {
  const value = fc.json({ maxDepth: 4 }).map((text): unknown => JSON.parse(text));
  const names = ['service', 'resource', 'title', 'severity', 'accountId', 'type'];
  const detail = fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
  const mutated = fc
    .tuple(fc.constantFrom(...generatedEvents()), fc.nat(), fc.string({ unit: 'binary', maxLength: 5 }))
    .map(([{ text }, at, put]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + put + text.slice(from + put.length);
    });
  return fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3000 }),
    fc.json({ maxDepth: 5 }),
    detail.map((members) => JSON.stringify(enveloped(members))),
    detail.map((members) => JSON.stringify(enveloped({ ...workedExample().detail, ...members }))),
    fc.json().map((text) => JSON.stringify(enveloped({})).replace('"detail":{}', () => `"detail":${text}`)),
    fc
      .string({ unit: 'binary', minLength: 1000, maxLength: 9000 })
      .map((title) => JSON.stringify(enveloped({ title }))),
    mutated,
  );
}
