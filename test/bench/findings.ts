import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../fixtures/findings/', import.meta.url);
const [ENVELOPE_ID, FINDING_ID] = ['<envelope>', '<finding>'];

interface FindingLike {
  readonly detail?: FindingLike;
  readonly arn?: string;
  readonly description?: string;
}

function samples(): readonly FindingLike[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  const values = names.map((name): FindingLike => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')));
  return values.map((value) => value.detail ?? value).filter((value) => 'arn' in value);
}

/** The message with this number: the same one every time. */
export type MessageOf = (index: number) => string;

/**
 * EventBridge messages around real findings, each with an id of its own. Those that are shorter than `leastBytes`
 * get a longer description.
 */
export function createFindings(leastBytes = 0): MessageOf {
  const templates = samples().map((sample) => templateOf(sample, leastBytes));
  return (index) => {
    const [head = '', middle = '', tail = ''] = templates[index % templates.length] ?? [];
    return `${head}00000000-0000-4000-8000-${String(index).padStart(12, '0')}${middle}finding-${index}${tail}`;
  };
}

/** The first `count` of them. */
export function benchFindings(count: number): readonly string[] {
  const messageOf = createFindings();
  return Array.from({ length: count }, (_, index) => messageOf(index));
}

/** The texts before, between and after the two ids. */
function templateOf(sample: FindingLike, leastBytes: number): readonly string[] {
  const { description = '' } = sample;
  const missing = Math.max(0, leastBytes - Buffer.byteLength(messageAround(sample)));
  const filled = { ...sample, description: `${description}${' text'.repeat(Math.ceil(missing / 5))}` };
  return messageAround(filled).split(new RegExp(`${ENVELOPE_ID}|${FINDING_ID}`));
}

function messageAround(detail: object): string {
  return JSON.stringify({
    version: '0',
    id: ENVELOPE_ID,
    'detail-type': 'GuardDuty Finding',
    source: 'aws.guardduty',
    account: '111111111111',
    time: '2026-07-22T18:47:18Z',
    region: 'us-east-1',
    resources: [],
    detail: { ...detail, id: FINDING_ID },
  });
}
