import fc from 'fast-check';
import type { Test } from 'tap';

import type { Format } from '../../agent/model/format.ts';
import { isJsonObject, type JsonObject } from '../../agent/model/json.ts';
import { isRenderable, type RenderableRec } from '../../agent/model/record.ts';
import { adversarialEvents } from './adversarial-events.ts';
import { anyMessage, INPUTS } from './any-message.ts';
import { generatedEvents } from './finding-generator.ts';
import { FINDING_KINDS, findingOf } from './finding-kinds.ts';
import { enveloped, findingFixtures, recordsOf, workedExample } from './log-events.ts';
import { otherEvents } from './other-events.ts';
import { parsed, renderable, textOf } from './rendering.ts';

/** A format whose records are JSON documents of a published schema. */
export interface DocumentFormat {
  readonly format: Format;
  /** The member with the original text: the first to go. */
  readonly original: string;
  /** What the schema holds against it. */
  problemsOf(document: unknown): readonly string[];
  accountOf(document: JsonObject): unknown;
  saysItWasCut(document: JsonObject): boolean;
}

export const ROOMY = 10_000_000;
export const LIMITS = [ROOMY, 65_000, 8000, 2048];

export function findingOfKind(kindName: string, fields: JsonObject = {}): RenderableRec {
  const kind = FINDING_KINDS.find(({ name }) => name === kindName);
  if (!kind) throw new Error(`no kind of finding is named ${kindName}`);
  return renderable(enveloped(findingOf(kind, fields)));
}

export function otherEventNamed(name: string): RenderableRec {
  const event = otherEvents().find((one) => one.name === name);
  if (!event) throw new Error(`no event is named ${name}`);
  return renderable(event.text);
}

/** The member of an object; an empty one where there is none. */
export function objectIn(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** What is wrong with a rendering, whatever it was made of. */
export function documentFaults(of: DocumentFormat, rec: RenderableRec, maxBytes: number): readonly string[] {
  const { texts, fellBackToRaw, truncated } = of.format.render(rec, maxBytes);
  const [text = ''] = texts;
  if (fellBackToRaw || texts.length !== 1) return ['is not mapped'];
  const document = parsed(text);
  return [
    ...of.problemsOf(document),
    ...(/[\r\n\0]/.test(text) || !text.isWellFormed() ? ['is not one line'] : []),
    ...(Buffer.byteLength(text) > maxBytes ? ['is too long'] : []),
    ...(of.accountOf(document) === rec.account ? [] : ['is of another account']),
    ...(of.saysItWasCut(document) === truncated ? [] : ['does not say whether it was cut']),
    ...(textOf(of.format, rec, maxBytes) === text ? [] : ['is another each time']),
  ];
}

/** What holds for every such format. */
export function documentContract(t: Test, of: DocumentFormat): void {
  const { format, original } = of;

  t.test('every fixture and every event is strictly valid in every size, without a clock', (t) => {
    const forbidden = () => {
      throw new Error('neither clock nor chance');
    };
    t.intercept(Date, 'now', { value: forbidden });
    t.intercept(Math, 'random', { value: forbidden });
    const messages = [...findingFixtures(), ...generatedEvents(), ...adversarialEvents(), ...otherEvents()];

    for (const { name, text } of messages) {
      for (const rec of recordsOf(text).filter(isRenderable)) {
        for (const maxBytes of LIMITS)
          t.same(documentFaults(of, rec, maxBytes), [], `${name} in ${maxBytes}`);
      }
    }
    t.end();
  });

  t.test('where it just fits nothing is touched, one byte less and the original text goes', (t) => {
    const rec = renderable(workedExample().text);
    const bytes = Buffer.byteLength(textOf(format, rec));

    t.notOk(format.render(rec, bytes).truncated);
    t.match(format.render(rec, bytes - 1), { truncated: true, dropped: [original] });
    t.end();
  });

  t.test('whatever somebody makes long, the limit holds', (t) => {
    for (const rec of longRecords()) t.same(documentFaults(of, rec, 2048), [], rec.kind);
    t.end();
  });

  t.test('a finding that is nested too deep to be printed goes out as it came', (t) => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const service = { additionalInfo: { deep: '<deep>' } };
    const finding = JSON.stringify(enveloped({ ...workedExample().detail, service }));
    const text = finding.replace('"<deep>"', deep);

    const rendered = format.render(renderable(text), ROOMY);

    t.same(rendered, { texts: [text], truncated: false, dropped: [], fellBackToRaw: true });
    t.end();
  });

  t.test('any text and any JSON comes out as one valid document within the limit', (t) => {
    fc.assert(
      fc.property(anyMessage(), fc.integer({ min: 2048, max: 20_000 }), (text, maxBytes) => {
        const records = recordsOf(text).filter(isRenderable);
        return records.every((rec) => documentFaults(of, rec, maxBytes).length === 0);
      }),
      { numRuns: INPUTS },
    );
    t.end();
  });
}

/** A finding, a call and another event whose texts are all far too long. */
function longRecords(): readonly RenderableRec[] {
  const long = '\u0001'.repeat(10_000);
  const names = ['arn', 'id', 'type', 'title', 'schemaVersion', 'description', 'customDetectionRuleName'];
  const texts = Object.fromEntries(names.map((name) => [name, long]));
  const service = {
    ...{ detectorId: long, featureName: long, userFeedback: long, count: 2 ** 53 - 1 },
    action: { actionType: long },
  };
  const resource = { resourceType: long, instanceDetails: { instanceId: long, availabilityZone: long } };
  const identity = { type: long, userName: long, arn: long, principalId: long, accessKeyId: long };
  const call = {
    ...{ eventSource: 'guardduty.amazonaws.com', eventName: long, eventID: long, requestID: long },
    ...{ userIdentity: identity, userAgent: long, errorCode: long, errorMessage: long },
    sourceIPAddress: long,
  };
  return [
    renderable(enveloped({ ...texts, service, resource, severity: 1e9 / 7 }, { id: long })),
    renderable(enveloped(call, { id: long, 'detail-type': 'AWS API Call via CloudTrail' })),
    renderable(enveloped({ a: long }, { id: long, 'detail-type': long })),
  ];
}
