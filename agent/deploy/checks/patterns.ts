import { type CollectionTag, isScalar, isSeq, parse } from 'yaml';
import { z } from 'zod';

import { loadTemplate } from '../template.ts';

/** An EventBridge pattern as parsed JSON. */
export type EventPattern = Readonly<Record<string, unknown>>;

/** What the rules of `templates/regional.yaml` match. */
export interface RulePatterns {
  readonly findings: EventPattern;
  readonly changes: EventPattern;
}

const patternedRule = z
  .object({ Properties: z.object({ EventPattern: z.record(z.string(), z.unknown()) }) })
  .transform(({ Properties }) => Properties.EventPattern);
const withRules = z.object({
  Resources: z.object({ FindingsRule: patternedRule, ChangesRule: patternedRule }),
});

/** The patterns that the template gives its rules for this configuration. */
export async function loadRulePatterns(collect: {
  readonly objectScanResults: boolean;
}): Promise<RulePatterns> {
  const { body } = await loadTemplate('regional');
  const customTags = [fnIf(new Map([['ObjectScans', collect.objectScanResults]]))];
  const template = withRules.parse(parse(body, { logLevel: 'silent', customTags }));
  const { FindingsRule, ChangesRule } = template.Resources;
  return { findings: FindingsRule, changes: ChangesRule };
}

/** Fn::If for the conditions of the patterns; elsewhere in the template it does not matter which side is taken. */
function fnIf(conditions: ReadonlyMap<unknown, boolean>): CollectionTag {
  return {
    tag: '!If',
    collection: 'seq',
    resolve(node) {
      const [condition, whenTrue, whenFalse] = isSeq(node) ? node.items : [];
      return isScalar(condition) && conditions.get(condition.value) ? whenTrue : whenFalse;
    },
  };
}
