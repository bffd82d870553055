import type { Rendered } from '../../model/format.ts';
import type { RenderableRec } from '../../model/record.ts';
import { isContainer, memberAt } from '../json-text.ts';
import { oneLine } from './one-line.ts';
import { renderObject } from './original.ts';
import { raw } from './raw.ts';
import { createFormat } from './rendered.ts';

/** What stands in the envelope, cut out of the text so that its numbers and keys stay as they came. */
export function detailText(rec: Extract<RenderableRec, { kind: EnvelopedKind }>): string {
  const line = oneLine(rec);
  if (!rec.envelope) return line;
  const start = line.search(/\S/);
  const member = memberAt(line, start, ['detail']);
  if (!member || !isContainer(line, member.start)) return JSON.stringify(rec.detail);
  return line.slice(member.start, member.end);
}

type EnvelopedKind = 'finding' | 'config-change' | 'guardduty-event';

function renderDetail(rec: RenderableRec, maxBytes: number): Rendered {
  switch (rec.kind) {
    case 'finding':
    case 'config-change':
    case 'guardduty-event':
      return renderObject(rec, detailText(rec), maxBytes);
    case 'unknown':
    case 'unparsed':
    case 'notice':
      return raw.render(rec, maxBytes);
  }
}

/** The finding or call alone, as GuardDuty or CloudTrail wrote it; everything else as in `raw`. */
export const detail = createFormat('detail', renderDetail);
