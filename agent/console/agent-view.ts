import type { Overview } from '../health/overview.ts';

/** A delivered record, as the page lists it. Times in epoch ms. */
export interface RecentRecord {
  readonly time: number;
  readonly kind: string;
  readonly severity?: number | undefined;
  readonly customer: string;
  readonly account: string;
  readonly region: string;
  /** Finding type or API call. */
  readonly what: string;
  readonly acked: readonly { readonly destination: string; readonly at: number }[];
}

/** What the agent lets the outside see. */
export interface AgentView {
  readonly agentId: string;
  readonly version: string;
  overview(): Overview;
  /** Delivered records that match, newest first. */
  search(pattern: string, limit: number): Promise<readonly RecentRecord[]>;
  /** The loop that claims sources moved within the last minute. */
  isAlive(): boolean;
  /** The configuration is loaded and the store answers. */
  isReady(): boolean;
  /** Prometheus text format. */
  metrics(): Promise<string>;
}
