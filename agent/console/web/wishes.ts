import { queryOf } from './api.ts';
import { go, type Place } from './router.ts';

/** Takes a wish into the address, so that the page can be linked to and opened again. Another filter begins at the first page. */
export function wish(
  { path, query }: Place,
  wishes: Readonly<Record<string, string | number | undefined>>,
): void {
  const { offset: _, ...kept } = Object.fromEntries(query);
  go(`${path}${queryOf({ ...kept, ...wishes })}`, { replace: true });
}
