import { useEffect, useRef, useState } from 'preact/hooks';

/** Tells screen readers of new words: once for a refresh, however much has changed. The first words stand on the page. */
export function Announcer({ words }: { readonly words: string }) {
  const last = useRef(words);
  const [told, tell] = useState('');
  useEffect(() => {
    if (last.current !== words) tell(words);
    last.current = words;
  }, [words]);
  return (
    <p class="hidden" aria-live="polite">
      {told}
    </p>
  );
}
