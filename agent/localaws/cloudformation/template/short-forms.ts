import type { CollectionTag, ScalarTag, YAMLMap, YAMLSeq } from 'yaml';

const NAMES = [
  'And',
  'Condition',
  'Equals',
  'FindInMap',
  'GetAtt',
  'If',
  'Join',
  'Not',
  'Or',
  'Ref',
  'Select',
  'Split',
  'Sub',
];

type Collection = YAMLMap | YAMLSeq;

function longName(name: string): string {
  return name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
}

/** `!GetAtt Queue.Arn`: the attribute's own name may have dots too. */
function scalarArgument(name: string, text: string): unknown {
  const dot = text.indexOf('.');
  return name === 'GetAtt' && dot > 0 ? [text.slice(0, dot), text.slice(dot + 1)] : text;
}

function tagsOf(name: string): readonly (CollectionTag | ScalarTag)[] {
  const tag = `!${name}`;
  const resolve = (argument: Collection): unknown => ({ [longName(name)]: argument.toJSON() });
  return [
    { tag, resolve: (text) => ({ [longName(name)]: scalarArgument(name, text) }) },
    { tag, collection: 'seq', resolve },
    { tag, collection: 'map', resolve },
  ];
}

/** YAML tags such as `!Sub`, which read as their long form `Fn::Sub`. */
export const SHORT_FORMS: readonly (CollectionTag | ScalarTag)[] = NAMES.flatMap(tagsOf);
