import { sinceText, utcText } from '../../view/instant-text.ts';

interface AgeProps {
  readonly at: string | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/** How long ago; the time itself on hover. */
export function Age({ at, now }: AgeProps) {
  if (at === undefined) return <span class="muted">never</span>;
  return (
    <time dateTime={at} title={`${utcText(at)} UTC`}>
      {sinceText(at, now)}
    </time>
  );
}

/** The time, and how long ago that was. */
export function Instant({ at, now }: AgeProps) {
  if (at === undefined) return <span class="muted">never</span>;
  return (
    <>
      <time class="nowrap" dateTime={at}>
        {utcText(at)}
      </time>{' '}
      <span class="muted nowrap">{sinceText(at, now)} ago</span>
    </>
  );
}
