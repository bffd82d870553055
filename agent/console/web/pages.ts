import type { ComponentType } from 'preact';

import type { StatusAnswer } from '../view/answers.ts';
import { OverviewPage } from './overview/overview-page.tsx';
import type { Place } from './router.ts';

export interface PageProps {
  readonly place: Place;
  /** When the console was opened. */
  readonly status: StatusAnswer | undefined;
}

export interface Page {
  readonly name: string;
  readonly path: string;
  readonly Body: ComponentType<PageProps>;
}

/** In the order in which people ask. */
export const PAGES: readonly Page[] = [{ name: 'Overview', path: '/', Body: OverviewPage }];
