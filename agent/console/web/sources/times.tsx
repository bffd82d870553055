import type { SourceDetailAnswer } from '../../api/source.ts';
import { Instant } from '../parts/time.tsx';

type Detail = SourceDetailAnswer['data'];

interface TimesProps {
  readonly detail: Detail;
  /** Epoch ms. */
  readonly now: number;
}

/** When each kind of proof was seen last. */
export function Times({ detail: { times, pollSeconds, firstSeenAt }, now }: TimesProps) {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Heartbeat', times.heartbeat],
    ['Canary', times.canary],
    ['Finding', times.finding],
    ['Configuration change', times.change],
    ['Any event', times.event],
    ['Log group read', times.read],
    ['Acknowledged', times.ack],
    ['Detector and rules looked at', times.look],
    ['First seen', firstSeenAt],
  ];
  return (
    <section class="panel" aria-labelledby="times">
      <h2 id="times">Last seen (UTC)</h2>
      <dl class="facts">
        {rows.map(([name, at]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Instant at={at} now={now} />
            </dd>
          </div>
        ))}
        <div>
          <dt>Reads every</dt>
          <dd>{pollSeconds} s</dd>
        </div>
      </dl>
    </section>
  );
}
