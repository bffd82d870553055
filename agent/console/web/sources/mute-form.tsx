import { useState } from 'preact/hooks';

import type { MutesAnswer } from '../../api/mutes.ts';
import type { SourceAnswer } from '../../view/answers.ts';
import { utcText } from '../../view/instant-text.ts';
import { order } from '../api.ts';

const HOUR_MS = 3_600_000;
const HOURS = { 1: '1 hour', 4: '4 hours', 24: '1 day', 168: '1 week' };

/** Nobody is told of the source for a while; it is relayed as ever. */
export function MuteForm({ source: { customer, account, region } }: { readonly source: SourceAnswer }) {
  const [told, tell] = useState<string>();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const wishes = new FormData(event.currentTarget);
    const until = new Date(Date.now() + Number(wishes.get('hours')) * HOUR_MS).toISOString();
    order<MutesAnswer>('/mutes', {
      customer,
      account,
      region,
      until,
      reason: String(wishes.get('reason')),
    }).then(
      () => tell(`Muted until ${utcText(until)} UTC.`),
      (error: unknown) => tell(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <form class="bar" onSubmit={submit}>
      <label>
        For
        <select name="hours">
          {Object.entries(HOURS).map(([hours, name]) => (
            <option key={hours} value={hours}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="wide">
        Why
        <input type="text" name="reason" required maxLength={200} />
      </label>
      <button type="submit">Mute</button>
      <p role="status">{told}</p>
    </form>
  );
}
