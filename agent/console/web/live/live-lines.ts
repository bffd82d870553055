import { useEffect, useRef, useState } from 'preact/hooks';

import type { LiveEventAnswer } from '../../api/events.ts';

/** An event, numbered as it came. */
export interface LiveLine {
  readonly number: number;
  readonly event: LiveEventAnswer;
}

interface Live {
  readonly lines: readonly LiveLine[];
  readonly isOpen: boolean;
  /** While it was paused. */
  readonly missed: number;
}

const MAX_LINES = 200;
/** A flood is drawn so often, and told to screen readers in one go. */
const DRAW_EVERY_MS = 500;

/** Listens as long as the page is open; while it is paused, what comes is counted and kept back. */
export function useLive(address: string, isPaused: boolean): Live {
  const arrived = useRef<readonly LiveLine[]>([]);
  const count = useRef(0);
  const [lines, draw] = useState<readonly LiveLine[]>([]);
  const [isOpen, setOpen] = useState(false);

  useEffect(() => {
    arrived.current = [];
    draw([]);
    const source = new EventSource(address);
    source.onopen = () => setOpen(true);
    source.onerror = () => setOpen(false);
    source.onmessage = ({ data }) => {
      count.current += 1;
      const event: LiveEventAnswer = JSON.parse(data);
      arrived.current = [{ number: count.current, event }, ...arrived.current].slice(0, MAX_LINES);
    };
    return () => source.close();
  }, [address]);

  const shownUpTo = lines[0]?.number ?? 0;
  const [missed, setMissed] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (isPaused) setMissed(count.current - shownUpTo);
      else draw(arrived.current);
    }, DRAW_EVERY_MS);
    return () => clearInterval(timer);
  }, [isPaused, shownUpTo]);
  return { lines, isOpen, missed };
}
