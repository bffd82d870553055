import { z } from 'zod';

import { answering, operationsRefusing } from '../operation.ts';
import type { Place, Service } from '../service.ts';
import { AwsError } from '../service.ts';

/** A trail as its owner made it. */
interface Trail {
  readonly name: string;
  readonly account: string;
  readonly homeRegion: string;
  /** Other accounts of the organization that it records. */
  readonly members?: readonly string[];
  readonly isMultiRegion: boolean;
  readonly isLogging: boolean;
  /** In the words of the API; one kind of them only. */
  readonly eventSelectors?: readonly object[];
  readonly advancedEventSelectors?: readonly object[];
}

/** Which trails there are; none to begin with. */
export interface Trails {
  /** Adding one again replaces it. */
  add(trail: Trail): void;
}

const operation = operationsRefusing('InvalidTrailNameException');
const describeTrails = z.object({ includeShadowTrails: z.boolean().default(true) });
const named = z.object({ Name: z.string() });
const namedTrail = z.object({ TrailName: z.string() });

function arnOf({ account, homeRegion, name }: Trail, { partition }: Place): string {
  return `arn:${partition}:cloudtrail:${homeRegion}:${account}:trail/${name}`;
}

function shown(trail: Trail, place: Place): unknown {
  return {
    Name: trail.name,
    TrailARN: arnOf(trail, place),
    HomeRegion: trail.homeRegion,
    IsMultiRegionTrail: trail.isMultiRegion,
    IsOrganizationTrail: trail.members !== undefined,
  };
}

/** CloudTrail, as far as its trails are looked at. What they record is not written anywhere. */
export function createCloudTrail(): { readonly trails: Trails; readonly service: Service } {
  const trails = new Map<string, Trail>();

  /** Those of the region, and the shadows of those with another home. */
  function seenIn(place: Place): readonly Trail[] {
    const { account, region } = place;
    const concerns = (trail: Trail): boolean =>
      trail.account === account || !!trail.members?.includes(account);
    const covers = (trail: Trail): boolean => trail.homeRegion === region || trail.isMultiRegion;
    return [...trails.values()].filter((trail) => concerns(trail) && covers(trail));
  }

  /** The name alone is enough for the owner at home. */
  function find(name: string, place: Place): Trail {
    const found = seenIn(place).find((trail) => {
      const isAtHome = trail.account === place.account && trail.homeRegion === place.region;
      return arnOf(trail, place) === name || (isAtHome && trail.name === name);
    });
    if (found) return found;
    throw new AwsError('TrailNotFoundException', `Unknown trail: ${name}`);
  }

  const handle = answering({
    DescribeTrails: operation(describeTrails, ({ includeShadowTrails }, place) => {
      const isShown = ({ homeRegion }: Trail): boolean => includeShadowTrails || homeRegion === place.region;
      return {
        trailList: seenIn(place)
          .filter(isShown)
          .map((trail) => shown(trail, place)),
      };
    }),
    GetTrailStatus: operation(named, ({ Name }, place) => ({ IsLogging: find(Name, place).isLogging })),
    GetEventSelectors: operation(namedTrail, ({ TrailName }, place) => {
      const trail = find(TrailName, place);
      const { eventSelectors, advancedEventSelectors } = trail;
      return {
        TrailARN: arnOf(trail, place),
        EventSelectors: eventSelectors,
        AdvancedEventSelectors: advancedEventSelectors,
      };
    }),
  });
  return {
    trails: { add: (trail) => void trails.set(`${trail.account}/${trail.name}`, trail) },
    service: {
      signingName: 'cloudtrail',
      protocol: 'json-1.1',
      wireName: 'CloudTrail_20131101',
      resources: [],
      handle,
    },
  };
}
