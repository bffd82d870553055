import type { JsonObject } from '../../model/json.ts';
import { objectOf, objectsOf, textOf } from '../lenient.ts';

const SLOW = new Set(['ONE_HOUR', 'SIX_HOURS']);

function isSwitchedOff(feature: JsonObject): boolean {
  return feature.status === 'DISABLED' || objectsOf(feature.additionalConfiguration).some(isSwitchedOff);
}

/** The older way to name features: one object for each, and flags below. */
function hasSourceOff(request: JsonObject): boolean {
  const { s3Logs, kubernetes, malwareProtection } = objectOf(request.dataSources);
  const { auditLogs } = objectOf(kubernetes);
  const { scanEc2InstanceWithFindings } = objectOf(malwareProtection);
  return (
    objectOf(s3Logs).enable === false ||
    objectOf(auditLogs).enable === false ||
    objectOf(scanEc2InstanceWithFindings).ebsVolumes === false
  );
}

function detectorVariant(request: JsonObject): string | undefined {
  if (request.enable === false) return 'off';
  const isLess =
    objectsOf(request.features).some(isSwitchedOff) ||
    hasSourceOff(request) ||
    SLOW.has(textOf(request.findingPublishingFrequency) ?? '');
  return isLess ? 'less' : undefined;
}

/** What the request makes of a call whose name alone does not tell how much it matters. */
export function callVariant(eventName: string, record: JsonObject): string | undefined {
  const request = objectOf(record.requestParameters);
  switch (eventName) {
    case 'UpdateDetector':
      return detectorVariant(request);
    case 'CreateFilter':
    case 'UpdateFilter':
      return textOf(request.action)?.toUpperCase();
    case 'CreateSampleFindings':
      return textOf(record.userAgent)?.includes('guardrelay/') ? 'ours' : undefined;
    default:
      return undefined;
  }
}
