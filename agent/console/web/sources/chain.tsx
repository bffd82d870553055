import type { SourceDetailAnswer } from '../../api/source.ts';
import { Badge } from '../parts/state-badge.tsx';
import { Age } from '../parts/time.tsx';

type Link = SourceDetailAnswer['data']['chain'][number];

const PARTS: Readonly<Record<Link['part'], string>> = {
  guardduty: 'GuardDuty',
  rule: 'EventBridge rule',
  'log-group': 'Log group',
  relay: 'Relay',
  destination: 'Destination',
};
const SIGNS: Readonly<Record<Link['state'], string>> = { ok: '●', waiting: '◌', broken: '✖', unknown: '?' };

/** Every link of the way, so that the broken one is seen before a word is read. */
export function Chain({ links, now }: { readonly links: readonly Link[]; readonly now: number }) {
  return (
    <ol class="chain">
      {links.map(({ part, id, state, reason, code, at }) => (
        <li key={`${part}/${id ?? ''}`}>
          <h3>{id ?? PARTS[part]}</h3>
          <div>
            <Badge kind={state} sign={SIGNS[state]} />
          </div>
          <p>
            {code !== undefined && <code>{code}</code>} {reason}
            {at !== undefined && (
              <>
                {' '}
                · <Age at={at} now={now} />
              </>
            )}
          </p>
        </li>
      ))}
    </ol>
  );
}
