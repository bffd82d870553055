import { useEffect } from 'preact/hooks';

import type { MeAnswer } from '../api/me.ts';
import type { StatusAnswer } from '../view/answers.ts';
import { keepToken } from './api.ts';
import { PAGES, type Page } from './pages.ts';
import { usePolled } from './polled.ts';
import { usePlace } from './router.ts';
import { Top } from './top.tsx';

/** The console. The status is what the overview begins with. */
export function App({ status }: { readonly status: StatusAnswer | undefined }) {
  const place = usePlace();
  const { answer: me } = usePolled<MeAnswer>('/me');
  useEffect(() => keepToken(me?.data.csrfToken), [me]);
  const page = pageAt(place.path);
  useEffect(() => {
    document.title = page === undefined || page.path === '/' ? 'guardrelay' : `${page.name} · guardrelay`;
  }, [page]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Top pages={PAGES} current={page} me={me} />
      <main id="main" tabIndex={-1}>
        {page === undefined ? (
          <p class="empty">There is no such page.</p>
        ) : (
          <page.Body key={page.path} place={place} status={status} role={me?.data.role} />
        )}
      </main>
    </>
  );
}

/** `/sources/1a2b` belongs to `/sources`. */
function pageAt(path: string): Page | undefined {
  return PAGES.find((page) => page.path === path || (page.path !== '/' && path.startsWith(`${page.path}/`)));
}
