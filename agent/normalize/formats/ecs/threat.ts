import type { Attack, AttackName } from '../../../model/attack.ts';
import type { Finding } from '../../../model/finding.ts';
import { filled } from '../../present.ts';
import { distinct } from './distinct.ts';

/** ECS has a list of ids and one of names; nothing ties their entries together. */
function namesOf(attacks: readonly Attack[], level: keyof Attack) {
  const names = attacks.map((attack): AttackName => attack[level] ?? {});
  return { id: distinct(names.map(({ id }) => id)), name: distinct(names.map(({ name }) => name)) };
}

/** Tactics and techniques of MITRE ATT&CK that the finding states, and the tool that it saw. */
export function threatOf({ attacks, toolName }: Finding) {
  const software = toolName === undefined ? undefined : { name: toolName };
  if (attacks.length === 0) return software && { software };
  return {
    framework: 'MITRE ATT&CK',
    tactic: filled(namesOf(attacks, 'tactic')),
    technique: filled({
      ...namesOf(attacks, 'technique'),
      subtechnique: filled(namesOf(attacks, 'subTechnique')),
    }),
    software,
  };
}
