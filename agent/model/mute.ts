/** Sources that a person does not want to be told of for a while. Their records are relayed all the same. */
export interface MuteWish {
  readonly customer: string;
  /** Absent: all of the customer's. */
  readonly account?: string;
  /** A name, or a pattern such as eu-*; absent: all. */
  readonly region?: string;
  /** Epoch ms. */
  readonly until: number;
  readonly reason: string;
  /** Who asked for it; absent: somebody at the machine of the agent. */
  readonly by?: string;
}

export interface Mute extends MuteWish {
  readonly id: string;
  /** Since when, epoch ms. */
  readonly at: number;
}

/** Nothing is muted for longer at once: what nobody looks at again must speak again. */
export const MAX_MUTE_MS: number = 30 * 24 * 3_600_000;

/** A region in which nothing is read, because it is not enabled in the account. */
export interface RegionOff {
  readonly customer: string;
  readonly account: string;
  readonly region: string;
}
