import { useEffect, useState } from 'preact/hooks';

/** Where the console is. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

const CHANGED = 'console:place';

function placeNow(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** Opens another page, or the same with other wishes, without loading it again. */
export function go(address: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', address);
  dispatchEvent(new Event(CHANGED));
}

export function usePlace(): Place {
  const [place, setPlace] = useState(placeNow);
  useEffect(() => {
    const changed = () => setPlace(placeNow());
    const stop = new AbortController();
    addEventListener(CHANGED, changed, stop);
    addEventListener('popstate', changed, stop);
    document.addEventListener('click', followLink, stop);
    return () => stop.abort();
  }, []);
  return place;
}

/** Plain clicks on links to our own pages; everything else is the browser's. */
function followLink(event: MouseEvent): void {
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (event.defaultPrevented || !isPlain || !(event.target instanceof Element)) return;
  const link = event.target.closest('a');
  if (link?.target !== '' || link.origin !== location.origin || link.hasAttribute('download')) return;
  if (link.pathname === location.pathname && link.hash !== '') return;
  if (link.pathname.startsWith('/api/')) return;
  event.preventDefault();
  go(link.pathname + link.search);
  scrollTo(0, 0);
}
