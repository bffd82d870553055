import { useState } from 'preact/hooks';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const SIGNS: Readonly<Record<Theme, string>> = { system: '◐', light: '☀', dark: '☾' };

function themeNow(): Theme {
  const set = document.documentElement.dataset.theme;
  return THEMES.find((theme) => theme === set) ?? 'system';
}

/** The server reads the cookie, so that the next page comes in the right colours from the first. */
function setTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  const days = theme === 'system' ? 0 : 365;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in current Firefox and Safari releases
  document.cookie = `theme=${theme}; path=/; max-age=${days * 86_400}; samesite=strict`;
}

export function ThemeSwitch() {
  const [theme, show] = useState(themeNow);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  const change = () => {
    setTheme(next);
    show(next);
  };
  return (
    <button
      type="button"
      class="small"
      title={`Theme: ${theme}`}
      aria-label={`Theme: ${theme}. Change to ${next}`}
      onClick={change}
    >
      <span aria-hidden="true">{SIGNS[theme]}</span>
    </button>
  );
}
