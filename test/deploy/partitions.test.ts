import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GuardDutyClient } from '@aws-sdk/client-guardduty';
import { STSClient } from '@aws-sdk/client-sts';
import t from 'tap';

import { findRegion, guardDutyRegions, homeRegion, type Partition } from '../../agent/aws/regions.ts';
import { handover } from '../../agent/deploy/handover.ts';
import { addStackSetRoles } from '../../agent/localaws/cloudformation/stack-set/roles.ts';
import { customerOf } from '../support/checked-world.ts';
import { startDeployCli } from '../support/deploy-cli.ts';
import { ACCOUNT } from '../support/local-aws.ts';

/** Each partition with a public console: its host, and the end of its API hosts and of the addresses of objects in S3. */
const PARTITIONS = [
  { partition: 'aws', home: 'us-east-1', console: 'console.aws.amazon.com', suffix: 'amazonaws.com' },
  { partition: 'aws-cn', home: 'cn-north-1', console: 'console.amazonaws.cn', suffix: 'amazonaws.com.cn' },
  {
    ...{ partition: 'aws-us-gov', home: 'us-gov-west-1', suffix: 'amazonaws.com' },
    console: 'console.amazonaws-us-gov.com',
  },
  {
    partition: 'aws-eusc',
    home: 'eusc-de-east-1',
    console: 'console.amazonaws-eusc.eu',
    suffix: 'amazonaws.eu',
  },
] as const satisfies readonly { partition: Partition; home: string; console: string; suffix: string }[];

const CHECKS = [
  'AUTH-001',
  'AUTH-002',
  'AUTH-003',
  'AUTH-006',
  'LOG-001',
  'LOG-003',
  'EB-001',
  'EB-002',
  'EB-003',
];

function customerIn(partition: Partition, stack: object = {}) {
  return {
    auth: {
      type: 'assumeRole',
      roleArn: `arn:${partition}:iam::${ACCOUNT}:role/GuardRelayReader`,
      externalId: 'env:EXTERNAL_ID',
    },
    accounts: { collect: [ACCOUNT] },
    regions: guardDutyRegions(partition)
      .map(({ region }) => region)
      .slice(0, 2),
    stack: { homeRegion: homeRegion(partition), deadLetterQueue: true, ...stack },
  };
}

/** The hosts that the AWS SDK calls in a region. */
function hostsIn(region: string): readonly string[] {
  const plain = { Region: region, UseDualStack: false, UseFIPS: false };
  return [
    new CloudFormationClient({ region }).config.endpointProvider(plain),
    new CloudWatchLogsClient({ region }).config.endpointProvider(plain),
    new EventBridgeClient({ region }).config.endpointProvider(plain),
    new GuardDutyClient({ region }).config.endpointProvider(plain),
    new STSClient({ region }).config.endpointProvider({ ...plain, UseGlobalEndpoint: false }),
  ].map(({ url }) => url.hostname);
}

for (const { partition, home, suffix, ...wanted } of PARTITIONS) {
  t.test(`${partition}: its regions answer under ${suffix}, STS in ${home} first`, async (t) => {
    t.equal(homeRegion(partition), home);
    t.notOk(findRegion(home)?.optIn, 'its tokens are good in every region');
    for (const { region, dnsSuffix } of guardDutyRegions(partition)) {
      t.equal(dnsSuffix, suffix, region);
      for (const host of hostsIn(region))
        t.match(host, new RegExp(`\\.${region}\\.${suffix.replaceAll('.', '\\.')}$`));
    }
  });

  t.test(`${partition}: links lead to its console, and commands name its roles`, async (t) => {
    const administrationRoleArn = `arn:${partition}:iam::${ACCOUNT}:role/Boss`;
    const customer = customerOf(customerIn(partition, { administrationRoleArn }));
    const templateUrl = `https://templates.s3.${home}.${suffix}/1/seed.yaml`;
    const relayPrincipalArn = `arn:${partition}:iam::999999999999:role/relay`;
    const readerRole = { relayPrincipalArn, externalId: '0123456789abcdef' };

    const seed = await handover(customer, { for: 'seed', templateUrl, readerRole });
    const set = await handover(customer, { for: 'stackset', templateUrl });

    const page = `https://${home}.${wanted.console}/cloudformation/home?region=${home}#/`;
    t.ok(seed.link?.startsWith(`${page}stacks/create/review?templateURL=${encodeURIComponent(templateUrl)}`));
    t.equal(set.link, `${page}stacksets/create`);
    t.match(seed.parameters, { RelayPrincipalArn: relayPrincipalArn, RoleName: 'GuardRelayReader' });
    t.match(set.commands, `--administration-role-arn ${administrationRoleArn} `);
    t.match(set.commands, `--region ${home} `);
  });
}

for (const { partition } of PARTITIONS.filter((each) => each.partition !== 'aws')) {
  t.test(
    `${partition}: a customer is deployed, found well by doctor, and unchanged the next time`,
    async (t) => {
      const relay = `arn:${partition}:iam::${ACCOUNT}:user/relay`;
      const cli = await startDeployCli(t, customerIn(partition), ({ aws: { world } }) => {
        world.accounts.add({ id: ACCOUNT, partition });
        addStackSetRoles(world, ACCOUNT, [ACCOUNT]);
        return world.principals.addUser(ACCOUNT, 'relay');
      });
      const deploy = ['deploy', '--yes', '--wait-healthy=false', '--poll-seconds', '0.1'];

      const made = await cli.run(...deploy, '--reader-role', relay);
      const again = await cli.run('plan', '--detailed-exitcode');
      const examined = await cli.run('doctor', '--only', CHECKS.join(','));

      t.equal(made.code, 0, made.stderr);
      t.equal(again.code, 0, again.stdout);
      t.equal(examined.code, 0, examined.stdout);
      t.notMatch(examined.stdout, /skipped/);
      t.match(cli.aws.world.principals.role(ACCOUNT, 'GuardRelayReader')?.arn, `arn:${partition}:iam::`);
    },
  );
}

t.test(
  'where a partition has no public console there is no link, but all that goes into a page',
  async (t) => {
    const customer = customerOf(customerIn('aws-iso'));

    const { link, parameters, stackName } = await handover(customer, {
      for: 'stack',
      templateUrl: 'https://templates.s3.us-iso-east-1.c2s.ic.gov/stack.yaml',
    });

    t.equal(link, undefined);
    t.match({ parameters, stackName }, { parameters: { Prefix: 'guardrelay' }, stackName: 'guardrelay' });
  },
);
