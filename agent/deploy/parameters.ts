/** What the customer's configuration says about the collector in each region. */
export interface CollectorSettings {
  readonly prefix: string;
  readonly logGroup: string;
  readonly retentionDays: number;
  readonly findings: boolean;
  readonly configChanges: boolean;
  readonly objectScanResults: boolean;
  /** 0: no heartbeat rule. */
  readonly heartbeatMinutes: number;
  readonly deadLetterQueue: boolean;
  /** `LogGroup` is the way out where 10 account-level Logs policies exist already. */
  readonly logPolicyScope: 'Account' | 'LogGroup';
  /** Whose log group takes the events of all regions; absent: each region has its own. */
  readonly hubRegion?: string;
}

/** Who may assume the reader role, and what it is called. */
export interface ReaderSettings {
  /** ARN of the relay's own role or user. */
  readonly relayPrincipalArn: string;
  readonly externalId: string;
  readonly roleName: string;
  readonly prefix: string;
  readonly logGroup: string;
  /** Of the stacks that collect. */
  readonly stackName: string;
  /** Whether the agent asks the organization what its accounts are called. */
  readonly accountNames?: boolean;
  readonly permissionsBoundaryArn?: string;
}

export type Parameters = Readonly<Record<string, string>>;
export type CollectorParameters = ReturnType<typeof collectorParameters>;

/** The parameters of `templates/regional.yaml`. */
export function collectorParameters(settings: CollectorSettings) {
  return {
    Prefix: settings.prefix,
    LogGroupName: settings.logGroup,
    ExistingLogGroupName: '',
    RetentionInDays: String(settings.retentionDays),
    CollectFindings: String(settings.findings),
    CollectConfigChanges: String(settings.configChanges),
    IncludeObjectScanResults: String(settings.objectScanResults),
    HeartbeatMinutes: String(settings.heartbeatMinutes),
    EnableDlq: String(settings.deadLetterQueue),
    LogPolicyScope: settings.logPolicyScope,
    HubRegion: settings.hubRegion ?? '',
  } satisfies Parameters;
}

/** The parameters of `templates/hub-role.yaml`. */
export function forwardingParameters({
  hubRegion,
  prefix,
}: Required<Pick<CollectorSettings, 'hubRegion' | 'prefix'>>): Parameters {
  return { HubRegion: hubRegion, Prefix: prefix };
}

/** The parameters of `templates/reader-role.yaml`. */
export function readerParameters(settings: ReaderSettings): Parameters {
  return {
    RelayPrincipalArn: settings.relayPrincipalArn,
    ExternalId: settings.externalId,
    RoleName: settings.roleName,
    Prefix: settings.prefix,
    LogGroupPrefix: settings.logGroup,
    StackName: settings.stackName,
    AllowAccountNames: String(settings.accountNames ?? false),
    PermissionsBoundaryArn: settings.permissionsBoundaryArn ?? '',
  };
}
