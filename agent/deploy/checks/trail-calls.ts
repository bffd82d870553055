import {
  type AdvancedEventSelector,
  DescribeTrailsCommand,
  type EventSelector,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
} from '@aws-sdk/client-cloudtrail';

import { askService, type ServiceCallOptions, type UnansweredCall } from './service-call.ts';

/** A trail that covers the region; its home may be another region, and its owner another account. */
export interface Trail {
  readonly name: string;
  readonly arn: string;
  readonly homeRegion: string;
}

export interface Trails {
  readonly kind: 'trails';
  readonly trails: readonly Trail[];
}

export interface TrailStatus {
  readonly kind: 'status';
  readonly isLogging: boolean;
}

export interface TrailSelectors {
  readonly kind: 'selectors';
  readonly basic: readonly EventSelector[];
  readonly advanced: readonly AdvancedEventSelector[];
}

/** The shadows of trails with another home are asked for too. One answer holds all. */
export function describeTrails(options: ServiceCallOptions): Promise<Trails | UnansweredCall> {
  const { clients, scope, source, signal } = options;
  const client = clients.cloudtrail(scope, source.region);
  return askService('cloudtrail:DescribeTrails', options, async () => {
    const command = new DescribeTrailsCommand({ includeShadowTrails: true });
    const { trailList = [] } = await client.send(command, { abortSignal: signal });
    const trails = trailList.flatMap(({ Name, TrailARN: arn, HomeRegion }): Trail[] =>
      arn === undefined ? [] : [{ arn, name: Name ?? arn, homeRegion: HomeRegion ?? source.region }],
    );
    return { kind: 'trails', trails };
  });
}

/** By its ARN, the only name that CloudTrail takes for a shadow or for the trail of an organization. */
export function askTrailStatus(
  { arn }: Trail,
  options: ServiceCallOptions,
): Promise<TrailStatus | UnansweredCall> {
  const { clients, scope, source, signal } = options;
  const client = clients.cloudtrail(scope, source.region);
  return askService('cloudtrail:GetTrailStatus', options, async () => {
    const command = new GetTrailStatusCommand({ Name: arn });
    const { IsLogging: isLogging = false } = await client.send(command, { abortSignal: signal });
    return { kind: 'status', isLogging };
  });
}

export function askSelectors(
  { arn }: Trail,
  options: ServiceCallOptions,
): Promise<TrailSelectors | UnansweredCall> {
  const { clients, scope, source, signal } = options;
  const client = clients.cloudtrail(scope, source.region);
  return askService('cloudtrail:GetEventSelectors', options, async () => {
    const command = new GetEventSelectorsCommand({ TrailName: arn });
    const answer = await client.send(command, { abortSignal: signal });
    const { EventSelectors: basic = [], AdvancedEventSelectors: advanced = [] } = answer;
    return { kind: 'selectors', basic, advanced };
  });
}
