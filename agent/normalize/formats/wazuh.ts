import type { Rendered } from '../../model/format.ts';
import type { RenderableRec } from '../../model/record.ts';
import { memberAt, membersOf } from '../json-text.ts';
import { detailText } from './detail.ts';
import { renderOutline } from './json.ts';
import { withMembers } from './original.ts';
import { raw } from './raw.ts';
import { complete, createFormat, fits, truncated } from './rendered.ts';
import { markOf, shrinkJson } from './shrink.ts';

type VendorRec = Extract<RenderableRec, { kind: 'finding' | 'config-change' }>;

const START = '{"integration":"aws","aws":';
const PORT_PROBES = ['service', 'action', 'portProbeAction', 'portProbeDetails'];
/** Every probe repeats the finding around it; a finding of which that would make more than this stays whole. */
const MAX_PROBES_LENGTH = 1_048_576;

/** One object per probe, as Wazuh's own collector writes them: its rules look for an object, not for a list. */
function perProbe(finding: string): readonly string[] {
  const list = memberAt(finding, 0, PORT_PROBES);
  const probes = list && finding[list.start] === '[' ? membersOf(finding, list.start) : [];
  if (!list || probes.length === 0 || probes.length * finding.length > MAX_PROBES_LENGTH) return [finding];
  const [before, behind] = [finding.slice(0, list.start), finding.slice(list.end)];
  return probes.map(({ start, end }) => `${before}${finding.slice(start, end)}${behind}`);
}

/** What Wazuh's rules tell events apart by, and the account where the text does not name it. */
function membersFor({ kind, account }: VendorRec, object: string): string {
  const source = `"source":"${kind === 'finding' ? 'guardduty' : 'cloudtrail'}"`;
  const digits = JSON.stringify(account);
  return object.includes(digits.slice(1, -1)) ? source : `${source},"account":${digits}`;
}

function renderOne(rec: VendorRec, object: string, maxBytes: number): Rendered {
  const whole = `${START}${withMembers(object, membersFor(rec, object))}}`;
  if (fits(whole, maxBytes)) return complete(whole);
  // As long as it can be: nothing names the account.
  const longestFrame = `${START},${membersFor(rec, '')},}`;
  const shrunk = shrinkJson(object, maxBytes - Buffer.byteLength(longestFrame));
  if (!shrunk) return renderOutline(rec);
  const start = `${START}${withMembers(shrunk.text, membersFor(rec, shrunk.text))}`;
  if (shrunk.lossless) return complete(`${start}}`);
  return truncated(`${start},${markOf(Buffer.byteLength(object), shrunk.dropped)}}`, shrunk.dropped);
}

function joined(all: readonly Rendered[]): Rendered {
  return {
    texts: all.flatMap(({ texts }) => texts),
    truncated: all.some((one) => one.truncated),
    dropped: [...new Set(all.flatMap(({ dropped }) => dropped))],
    fellBackToRaw: false,
  };
}

function renderWazuh(rec: RenderableRec, maxBytes: number): Rendered {
  if (rec.kind !== 'finding' && rec.kind !== 'config-change') return raw.render(rec, maxBytes);
  const object = detailText(rec).trim();
  if (rec.kind !== 'finding' || rec.finding.probes.length === 0) return renderOne(rec, object, maxBytes);
  return joined(perProbe(object).map((each) => renderOne(rec, each, maxBytes)));
}

/** What Wazuh's decoder of AWS events expects: one message per probe of a port. */
export const wazuh = createFormat('wazuh', renderWazuh);
