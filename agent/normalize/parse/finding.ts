import type { Band, Finding } from '../../model/finding.ts';
import { isJsonObject, type JsonObject } from '../../model/json.ts';
import { numberOf, objectOf, textOf } from '../lenient.ts';
import { present } from '../present.ts';
import { ms } from '../time.ts';

const BANDS = [
  { from: 9, band: 'Critical' },
  { from: 7, band: 'High' },
  { from: 4, band: 'Medium' },
  { from: 1, band: 'Low' },
] as const;

function bandOf(severity: number | undefined): Band {
  if (severity === undefined) return 'Unknown';
  return BANDS.find(({ from }) => severity >= from)?.band ?? 'Informational';
}

function parsedObject(text: string): JsonObject {
  if (!text.startsWith('{')) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** `service.additionalInfo`, whose `value` often is JSON in a string; what stands beside it wins. */
function additionalInfoOf(service: JsonObject): JsonObject {
  const info = objectOf(service.additionalInfo);
  return { ...parsedObject(textOf(info.value) ?? ''), ...info };
}

/** The fields of a finding that are used by all formats, from its detail in wire names. */
export function parseFinding(detail: JsonObject): Finding {
  const service = objectOf(detail.service);
  const title = textOf(detail.title);
  const severity = numberOf(detail.severity);
  const additionalInfo = additionalInfoOf(service);
  return present({
    id: textOf(detail.id),
    arn: textOf(detail.arn),
    type: textOf(detail.type),
    title,
    created: ms(detail.createdAt),
    updated: ms(detail.updatedAt),
    severity,
    band: bandOf(severity),
    count: numberOf(service.count),
    archived: service.archived === true,
    sample: additionalInfo.sample === true || title?.startsWith('[SAMPLE]') === true,
    attacks: [],
    remote: {},
    local: {},
    probes: [],
    logins: [],
    resources: [],
    files: [],
    threats: [],
    threatIntel: [],
    additionalInfo,
  });
}
