import type { Attack } from '../../../model/attack.ts';
import { filled } from '../../present.ts';
import { isPresent } from './attribute.ts';

function nameOf(stated: Attack['tactic']) {
  return stated && filled({ uid: stated.id, name: stated.name });
}

/** Tactics and techniques of MITRE ATT&CK. */
export function attacksOf(attacks: readonly Attack[]) {
  return attacks
    .map(({ tactic, technique, subTechnique }) =>
      filled({ tactic: nameOf(tactic), technique: nameOf(technique), sub_technique: nameOf(subTechnique) }),
    )
    .filter(isPresent);
}
