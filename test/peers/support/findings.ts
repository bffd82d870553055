/** One row for a log group: an event as EventBridge writes it there. */
export interface LoggedFinding {
  readonly id: string;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly message: string;
}

/** Findings of some 1.5 KB each, or 0.7 KB without words, a whole second apart every `perSecond` of them, the last one now. */
export function makeFindings(
  count: number,
  { perSecond = 50, prefix = 'f', words = 70 } = {},
): readonly LoggedFinding[] {
  const newest = Math.floor(Date.now() / 1000) * 1000;
  return Array.from({ length: count }, (_, at) => {
    const timestamp = newest - Math.floor((count - 1 - at) / perSecond) * 1000;
    return finding(`${prefix}-${at}`, timestamp, words);
  });
}

function finding(id: string, timestamp: number, words: number): LoggedFinding {
  const time = new Date(timestamp).toISOString();
  const account = '111111111111';
  const detail = {
    schemaVersion: '2.0',
    accountId: account,
    region: 'us-east-1',
    partition: 'aws',
    id,
    arn: `arn:aws:guardduty:us-east-1:${account}:detector/d/finding/${id}`,
    type: 'CryptoCurrency:EC2/BitcoinTool.B!DNS',
    resource: { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0123456789abcdef0' } },
    service: { serviceName: 'guardduty', count: 1, archived: false, evidence: 'Ünïcode ☂ '.repeat(words) },
    severity: 8,
    createdAt: time,
    updatedAt: time,
    title: 'Bitcoin-related domain name queried',
  };
  const envelope = { version: '0', id, 'detail-type': 'GuardDuty Finding', source: 'aws.guardduty', account };
  const message = JSON.stringify({ ...envelope, time, region: 'us-east-1', resources: [], detail });
  return { id, timestamp, message };
}
