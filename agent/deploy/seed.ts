import { blueprintTags, TAG } from './blueprint.ts';
import type { Parameters } from './parameters.ts';
import type { DeployRequest } from './request.ts';

/** What the seed needs to know beyond what `deploy` would make. */
export interface SeedWishes {
  /** Address of the collector's template. */
  readonly collectorUrl: string;
  /** The parameters that it shares with `templates/stackset-roles.yaml`. */
  readonly roles: Parameters;
  readonly regions: readonly string[];
}

/** The parameters of `templates/seed.yaml`: what the reader role, the roles of the StackSet and the collector get. */
export function seedParameters(
  request: DeployRequest,
  { collectorUrl, roles, regions }: SeedWishes,
): Parameters {
  const { customer, collector, reader } = request;
  // The roles serve this one account, and the log groups whose names start with the collector's.
  const { AdministratorAccountId: _account, LogGroupPrefix: _rolesGroups, ...shared } = roles;
  const { LogGroupPrefix: _readersGroups, StackName: _collector, ...readers } = reader?.parameters ?? {};
  const { HubRegion: _hub, ...collected } = collector.parameters;
  return {
    ...readers,
    Regions: regions.join(','),
    TemplateUrl: collectorUrl,
    ...shared,
    ...collected,
    StackSetName: collector.name,
    Customer: customer,
    ConfigHash: seedHash(request),
  };
}

/** Without the user's tags, which a link cannot give: where there are any, the next `deploy` adds them. */
function seedHash({ collector }: DeployRequest): string {
  return blueprintTags({ ...collector, tags: {} })[TAG.configHash] ?? '';
}
