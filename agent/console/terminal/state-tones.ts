import type { DestinationRow, SourceRow } from '../../health/overview.ts';
import type { Tone } from './table.ts';

export const STATE_TONES: Readonly<Record<SourceRow['state'] | DestinationRow['state'], Tone>> = {
  failing: 'bad',
  blocked: 'bad',
  silent: 'bad',
  lagging: 'warning',
  retrying: 'warning',
  unproven: 'warning',
  pending: 'faint',
  idle: 'faint',
  quiet: 'good',
  ok: 'good',
  off: 'faint',
};
