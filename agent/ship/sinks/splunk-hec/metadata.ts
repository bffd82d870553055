import type { FormatName } from '../../../model/format.ts';
import type { RenderableRec } from '../../../model/record.ts';

/** What Splunk files an event under. */
interface Metadata {
  readonly host: string;
  readonly source: string;
  readonly sourcetype: string;
  readonly index?: string;
}

export interface MetadataOptions extends Partial<Metadata> {
  readonly format: FormatName;
}

/** Names that Splunk's add-on for AWS knows GuardDuty findings by. */
const FINDING_SOURCETYPE = 'aws:cloudwatch:guardduty';
/** Of findings in the envelope of EventBridge, whose fields the add-on looks for below `detail`. */
const ENVELOPE_SOURCE = 'aws_cloudwatchevents_guardduty';

const AS_AWS_WROTE_IT: ReadonlySet<FormatName> = new Set(['raw', 'detail']);

/** What is configured, else what the add-on expects of findings and a name of our own for everything else. */
export function metadataOf(
  kind: RenderableRec['kind'],
  { format, host, source, sourcetype, index }: MetadataOptions,
  agentId: string,
): Metadata {
  const isFinding = kind === 'finding' && AS_AWS_WROTE_IT.has(format);
  return {
    host: host ?? agentId,
    source: source ?? (isFinding && format === 'raw' ? ENVELOPE_SOURCE : 'guardrelay'),
    sourcetype: sourcetype ?? (isFinding ? FINDING_SOURCETYPE : `guardrelay:${format}`),
    ...(index !== undefined && { index }),
  };
}
