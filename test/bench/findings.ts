import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../fixtures/findings/', import.meta.url);

interface FindingLike {
  readonly detail?: object;
  readonly arn?: string;
}

function samples(): readonly object[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  const values = names.map((name): FindingLike => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')));
  return values.map((value) => value.detail ?? value).filter((value) => 'arn' in value);
}

/** `count` EventBridge messages around real findings, each with an id of its own; the same ones every time. */
export function benchFindings(count: number): readonly string[] {
  const details = samples();
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      version: '0',
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      'detail-type': 'GuardDuty Finding',
      source: 'aws.guardduty',
      account: '111111111111',
      time: '2026-07-22T18:47:18Z',
      region: 'us-east-1',
      resources: [],
      detail: { ...details[index % details.length], id: `finding-${index}` },
    }),
  );
}
