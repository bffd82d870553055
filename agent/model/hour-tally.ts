/** What came of one source in one hour, from one region. */
export interface HourPart {
  readonly source: string;
  readonly region: string;
  /** Minutes in which a heartbeat was sent that has arrived since. */
  readonly heartbeats: number;
  /** That a destination had in this hour, whenever they happened. */
  readonly findings: number;
  readonly changes: number;
  /** Log events that a destination refused in this hour, once for each that did. */
  readonly quarantined: number;
}

export interface HourTally {
  /** In how many of its minutes an agent ran. */
  readonly watchedMinutes: number;
  /** Of a source and region of which nothing came there is none. */
  readonly parts: readonly HourPart[];
}
