import { useEffect } from 'preact/hooks';

import type { StatusAnswer } from '../view/answers.ts';
import { PAGES, type Page } from './pages.ts';
import { usePlace } from './router.ts';
import { Top } from './top.tsx';

/** The console. The status is what the overview begins with. */
export function App({ status }: { readonly status: StatusAnswer | undefined }) {
  const place = usePlace();
  const page = pageAt(place.path);
  useEffect(() => {
    document.title = page === undefined || page.path === '/' ? 'guardrelay' : `${page.name} · guardrelay`;
  }, [page]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Top pages={PAGES} current={page} />
      <main id="main" tabIndex={-1}>
        {page === undefined ? (
          <p class="empty">There is no such page.</p>
        ) : (
          <page.Body key={page.path} place={place} status={status} />
        )}
      </main>
    </>
  );
}

/** `/sources/1a2b` belongs to `/sources`. */
function pageAt(path: string): Page | undefined {
  return PAGES.find((page) => page.path === path || (page.path !== '/' && path.startsWith(`${page.path}/`)));
}
