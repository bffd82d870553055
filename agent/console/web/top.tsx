import { useEffect, useState } from 'preact/hooks';

import type { MeAnswer } from '../api/me.ts';
import { clockText } from '../view/instant-text.ts';
import { logOut } from './api.ts';
import type { Page } from './pages.ts';
import { ThemeSwitch } from './theme-switch.tsx';

interface TopProps {
  readonly pages: readonly Page[];
  readonly current: Page | undefined;
  readonly me: MeAnswer | undefined;
}

export function Top({ pages, current, me }: TopProps) {
  return (
    <header class="top">
      <a class="brand" href="/">
        <Mark />
        guardrelay
      </a>
      <nav aria-label="Pages">
        {pages.map((page) => (
          <a key={page.path} href={page.path} aria-current={page === current ? 'page' : undefined}>
            {page.name}
          </a>
        ))}
      </nav>
      <div class="who">
        <span class="wide">{me?.summary.agentId}</span>
        <Clock />
        <ThemeSwitch />
        {me?.data.csrfToken !== undefined && (
          <button type="button" class="small" onClick={logOut}>
            Log out {me.data.name}
          </button>
        )}
      </div>
    </header>
  );
}

/** A pulse that goes through. */
function Mark() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" fill="none" aria-hidden="true">
      <path
        d="M1 11h4l2.5-7 4.5 13 2.5-6H19"
        stroke="currentColor"
        stroke-width="2"
        stroke-linejoin="round"
        stroke-linecap="round"
      />
    </svg>
  );
}

function Clock() {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <span class="nowrap">{clockText(now)} UTC</span>;
}
