import type { Attack, AttackName, Indicator } from '../../model/attack.ts';
import type { JsonObject } from '../../model/json.ts';
import { listOf, objectsOf, textOf } from '../lenient.ts';
import { present } from '../present.ts';

/** The threat purposes that GuardDuty takes from MITRE ATT&CK. */
const TACTICS: readonly AttackName[] = [
  { id: 'TA0001', name: 'Initial Access' },
  { id: 'TA0002', name: 'Execution' },
  { id: 'TA0003', name: 'Persistence' },
  { id: 'TA0004', name: 'Privilege Escalation' },
  { id: 'TA0005', name: 'Defense Evasion' },
  { id: 'TA0006', name: 'Credential Access' },
  { id: 'TA0007', name: 'Discovery' },
  { id: 'TA0010', name: 'Exfiltration' },
  { id: 'TA0040', name: 'Impact' },
  { name: 'Defense Impairment' },
];

/** GuardDuty writes `Defense Evasion` as well as `CredentialAccess`. */
function folded(name: string): string {
  return name.replace(/[\s_-]/g, '').toLowerCase();
}

const BY_NAME: ReadonlyMap<string, AttackName> = new Map(
  TACTICS.map((tactic) => [folded(tactic.name ?? ''), tactic]),
);

/** Longer is no name of ATT&CK. */
const LONGEST_NAME = 256;
const TECHNIQUE = /^(T\d{4})(\.\d{3})?(?:\s*[-:]\s*(.+))?$/;

/** `T1078.004 - Valid Accounts: Cloud Accounts`, or a name alone. */
function techniqueOf(text: string): Attack {
  const [, id, number, words] = TECHNIQUE.exec(text) ?? [];
  if (id === undefined) return { technique: { name: text } };
  if (number === undefined) return { technique: present({ id, name: words }) };
  const [name, ...below] = (words ?? '').split(': ');
  return {
    technique: present({ id, name: textOf(name) }),
    subTechnique: present({ id: id + number, name: textOf(below.join(': ')) }),
  };
}

function tacticOf(text: string): Attack {
  return { tactic: BY_NAME.get(folded(text)) ?? { name: text } };
}

/** The tactic that the purpose of a finding is, if it is one. */
export function purposeAttacks(purpose: string | undefined): readonly Attack[] {
  const tactic = purpose === undefined ? undefined : BY_NAME.get(folded(purpose));
  return tactic ? [{ tactic }] : [];
}

/** Most values are text; of some keys they are objects. */
function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than the stack.
    return '';
  }
}

/** Indicators of an attack sequence or of one of its signals. */
export function indicatorsOf(list: unknown): readonly Indicator[] {
  return objectsOf(list).flatMap(({ key, title, values }) => {
    const name = textOf(key);
    if (name === undefined) return [];
    return [present({ key: name, title: textOf(title), values: listOf(values).map(valueText) })];
  });
}

const READERS: Readonly<Record<string, (text: string) => Attack>> = {
  ATTACK_TACTIC: tacticOf,
  ATTACK_TECHNIQUE: techniqueOf,
};

function isName(text: string): boolean {
  return text !== '' && text.length <= LONGEST_NAME;
}

/** Whether an indicator names tactics or techniques, which are told as such. */
export function isAttackIndicator({ key }: Indicator): boolean {
  return Object.hasOwn(READERS, key);
}

/** The tactics and techniques that a sequence names. */
export function indicatorAttacks(sequence: JsonObject): readonly Attack[] {
  return indicatorsOf(sequence.sequenceIndicators).flatMap(({ key, values }) => {
    const read = Object.hasOwn(READERS, key) ? READERS[key] : undefined;
    return read ? values.filter(isName).map(read) : [];
  });
}
