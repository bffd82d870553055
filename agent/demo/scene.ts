/** One customer of the demo. */
export interface DemoCustomer {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly topology: 'organization' | 'administrator' | 'standalone';
  readonly regions: readonly string[];
  readonly externalId: string;
}

/** The account of the relay's operator: only its principal may assume the readers' roles. */
export const RELAY_ACCOUNT = '999999999999';
export const LOG_GROUP = '/aws/events/guardrelay';

/** acme administers an organization, globex a member by invitation: their members' findings arrive in their accounts. */
export const CUSTOMERS = [
  {
    id: 'acme',
    name: 'ACME Corporation',
    account: '111111111111',
    topology: 'organization',
    regions: ['us-east-1', 'us-east-2', 'us-west-2', 'eu-central-1', 'ap-southeast-1'],
    externalId: 'c2b5b1d2a94f4b0e8d1f3a6e7c90a1b2',
  },
  {
    id: 'globex',
    name: 'Globex',
    account: '123456789012',
    topology: 'administrator',
    regions: ['us-east-1', 'us-west-2', 'ap-northeast-1'],
    externalId: '5f0e7c3d1a2b4968b7c6d5e4f3a2b1c0',
  },
  {
    id: 'initech',
    name: 'Initech',
    account: '333333333333',
    topology: 'standalone',
    regions: ['us-east-1', 'eu-west-1'],
    externalId: '9a8b7c6d5e4f30211203f4e5d6c7b8a9',
  },
] as const satisfies readonly DemoCustomer[];

/** An account that globex has invited. */
export const MEMBER = { account: '444444444444', email: 'aws+lab@globex.example' } as const;

/** Broken on purpose: initech's service control policy refuses to have logs read here. */
export const BROKEN = { account: '333333333333', region: 'eu-west-1' } as const;

/** The customer in whose account findings about this account arrive. */
export function ownerOf(account: string): DemoCustomer {
  return CUSTOMERS.find((customer) => customer.account === account) ?? CUSTOMERS[0];
}

export interface DemoPlaces {
  readonly dataDir: string;
  readonly page: string;
  readonly webhookUrl: string;
  readonly syslogPort: number;
  /** Path of the file with a customer's ExternalId. */
  secretPath(customer: DemoCustomer): string;
}

/** The configuration as an operator would write it; polls are quick so that there is something to see. */
export function demoConfiguration({ dataDir, page, webhookUrl, syslogPort, secretPath }: DemoPlaces): string {
  const customers = CUSTOMERS.map((customer) => ({
    id: customer.id,
    name: customer.name,
    topology: customer.topology,
    auth: {
      type: 'assumeRole',
      roleArn: `arn:aws:iam::${customer.account}:role/GuardRelayReader`,
      externalId: `file:${secretPath(customer)}`,
    },
    accounts: { collect: [customer.account] },
    regions: customer.regions,
    destinations: ['lake', 'siem'],
  }));
  return JSON.stringify({
    version: 1,
    agent: { id: 'demo', dataDir, logLevel: 'error' },
    defaults: {
      stack: { mode: 'stackset-self-managed', logGroup: LOG_GROUP },
      poll: { baseSeconds: 1, activeSeconds: 1 },
      heartbeat: { everyMinutes: 1 },
      health: { silentAfterMissed: 1, graceMinutes: 1, plumbingMinutes: 1 },
    },
    customers,
    destinations: [
      { id: 'lake', type: 'webhook', url: webhookUrl, format: 'json', insecureTransport: true },
      {
        ...{ id: 'siem', type: 'syslog', transport: 'tcp', host: '127.0.0.1', port: syslogPort },
        ...{ format: 'raw', insecureTransport: true, maxMessageBytes: 65_536 },
      },
    ],
    http: { listen: page },
  });
}
