import { adversarialEvents, HOSTILE_TEXT } from '../../support/adversarial-events.ts';
import type { GeneratedEvent } from '../../support/finding-generator.ts';
import { enveloped, workedExample } from '../../support/log-events.ts';
import { cloudTrailCall, otherEvents } from '../../support/other-events.ts';

const FORGED = '<13>1 2026-07-22T18:47:17Z forged forged - - - a second message';

/** What may begin another message at a receiver, or hide that it did. */
const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  'an RFC 5424 header behind CR LF': `x\r\n${FORGED}\r\n`,
  'an RFC 5424 header behind LF': `x\n${FORGED}`,
  'an RFC 5424 header behind CR': `x\r${FORGED}`,
  'an RFC 5424 header behind NUL': `x\0${FORGED}\0`,
  'an RFC 5424 header at the start': FORGED,
  'an RFC 3164 header': 'x\n<13>Jul 22 18:47:17 forged forged: a second message\n',
  'a counted frame': `x\n${FORGED.length} ${FORGED}`,
  'a counted frame without a break': `${FORGED.length} ${FORGED}`,
  'line breaks of Unicode': `x\u0085${FORGED}\u2028${FORGED}\u2029${FORGED}\v${FORGED}\f${FORGED}`,
  'marks that turn the text around': `\u202e\u2066 ${FORGED} \u2069\u202c\u200f\u061c`,
  'a byte order mark': `\ufeff${FORGED}`,
  'lone surrogates': `\ud83e\n${FORGED}\udd86 \ud83e`,
  'structured data': `[x@1 a="b\\"\\]"]] ${FORGED} [`,
  'escapes that are escaped': `\\n${FORGED}\\\\n\\u000a${FORGED}\\r\\0`,
  'blanks and tabs': ` \t ${FORGED} \t `,
  '240 KB of everything': `${HOSTILE_TEXT}\n${FORGED}\n`.repeat(450),
};

function carriersOf([name, text]: readonly [string, string]): readonly GeneratedEvent[] {
  const { detail } = workedExample();
  const named = { accountId: text, region: text, id: text, type: text, title: text, description: text };
  const call = cloudTrailCall(`Delete${text}`, { userAgent: text, errorCode: text, sourceIPAddress: text });
  return [
    { name: `a finding of ${name}`, text: JSON.stringify(enveloped({ ...detail, ...named })) },
    {
      name: `a call of ${name}`,
      text: JSON.stringify(enveloped(call, { 'detail-type': 'AWS API Call via CloudTrail' })),
    },
    {
      name: `an event of ${name}`,
      text: JSON.stringify(enveloped({ [text]: text }, { 'detail-type': text, id: text, region: text })),
    },
    { name: `the bare text of ${name}`, text },
  ];
}

/** Events whose text somebody made so that a syslog server would see messages that nobody sent. */
export function hostileEvents(): readonly GeneratedEvent[] {
  return [...Object.entries(HOSTILE_TEXTS).flatMap(carriersOf), ...adversarialEvents(), ...otherEvents()];
}
