import type { Rendered } from '../../model/format.ts';
import type { RenderableRec } from '../../model/record.ts';
import { memberAt } from '../json-text.ts';
import { oneLine } from './one-line.ts';
import { renderObject } from './original.ts';
import { raw } from './raw.ts';
import { createFormat } from './rendered.ts';

type EnvelopedRec = Extract<RenderableRec, { kind: 'finding' | 'config-change' | 'guardduty-event' }>;

/** What stands in the envelope, cut out of the text so that its numbers and keys stay as they came. */
export function detailText(rec: EnvelopedRec): string {
  const line = oneLine(rec);
  if (!rec.envelope) return line;
  const member = memberAt(line, line.indexOf('{'), ['detail']);
  const isObject = member !== undefined && line[member.start] === '{';
  return isObject ? line.slice(member.start, member.end) : JSON.stringify(rec.detail);
}

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
