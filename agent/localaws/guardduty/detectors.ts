import { perPlace } from '../per-place.ts';
import type { Place } from '../service.ts';
import { AwsError } from '../service.ts';
import type { World } from '../world.ts';

export const FREQUENCIES = ['FIFTEEN_MINUTES', 'ONE_HOUR', 'SIX_HOURS'] as const;

interface DetectorSettings {
  readonly enabled?: boolean | undefined;
  readonly frequency?: (typeof FREQUENCIES)[number] | undefined;
}

interface Detector {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly enabled: boolean;
  readonly frequency: (typeof FREQUENCIES)[number];
}

/** At most one detector for each account and region. */
export interface Detectors {
  create(place: Place, settings: DetectorSettings): Detector;
  find(place: Place): Detector | undefined;
  /** Throws unless this is the detector of the place. */
  get(place: Place, id: string): Detector;
  update(place: Place, id: string, settings: DetectorSettings): void;
  delete(place: Place, id: string): void;
}

/** How GuardDuty refuses almost everything. */
export function rejected(because: string): AwsError {
  return new AwsError('BadRequestException', `The request is rejected because ${because}`);
}

/** No detectors to begin with. */
export function createDetectors({ clock, nextId }: World): Detectors {
  const detectors = perPlace((): { current?: Detector } => ({}));
  const now = (): string => new Date(clock.now()).toISOString();

  function get(place: Place, id: string): Detector {
    const { current } = detectors(place);
    if (current?.id === id) return current;
    throw rejected('the input detectorId is not owned by the current account.');
  }

  return {
    create(place, { enabled = true, frequency = 'SIX_HOURS' }) {
      const slot = detectors(place);
      if (slot.current) throw rejected('a detector already exists for the current account.');
      const id = nextId().replaceAll('-', '');
      slot.current = { id, createdAt: now(), updatedAt: now(), enabled, frequency };
      return slot.current;
    },
    find: (place) => detectors(place).current,
    get,
    update(place, id, { enabled, frequency }) {
      const known = get(place, id);
      detectors(place).current = {
        ...known,
        enabled: enabled ?? known.enabled,
        frequency: frequency ?? known.frequency,
        updatedAt: now(),
      };
    },
    delete(place, id) {
      get(place, id);
      delete detectors(place).current;
    },
  };
}
