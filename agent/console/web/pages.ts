import type { ComponentType } from 'preact';

import type { MeAnswer } from '../api/me.ts';
import type { StatusAnswer } from '../view/answers.ts';
import { AccountsPage } from './accounts/accounts-page.tsx';
import { ChangesPage } from './changes/changes-page.tsx';
import { DeploymentsPage } from './deployments/deployments-page.tsx';
import { DestinationsPage } from './destinations/destinations-page.tsx';
import { LivePage } from './live/live-page.tsx';
import { OverviewPage } from './overview/overview-page.tsx';
import { SearchPage } from './records/search-page.tsx';
import type { Place } from './router.ts';
import { SettingsPage } from './settings/settings-page.tsx';
import { SourcesPage } from './sources/sources-page.tsx';

export interface PageProps {
  readonly place: Place;
  /** When the console was opened. */
  readonly status: StatusAnswer | undefined;
  /** What the user may do; undefined: not known yet. */
  readonly role: MeAnswer['data']['role'] | undefined;
}

export interface Page {
  readonly name: string;
  readonly path: string;
  readonly Body: ComponentType<PageProps>;
}

/** In the order in which people ask. */
export const PAGES: readonly Page[] = [
  { name: 'Overview', path: '/', Body: OverviewPage },
  { name: 'Sources', path: '/sources', Body: SourcesPage },
  { name: 'Search', path: '/search', Body: SearchPage },
  { name: 'Destinations', path: '/destinations', Body: DestinationsPage },
  { name: 'Changes', path: '/changes', Body: ChangesPage },
  { name: 'Accounts', path: '/accounts', Body: AccountsPage },
  { name: 'Deployments', path: '/deployments', Body: DeploymentsPage },
  { name: 'Live', path: '/live', Body: LivePage },
  { name: 'Settings', path: '/settings', Body: SettingsPage },
];
