/** What an agent has read, by its own metrics. */
export interface ReadCounts {
  readonly newBytes: number;
  /** By kind of read. */
  readonly readBytes: Readonly<Record<string, number>>;
  readonly pages: number;
}

/** `metrics`: Prometheus text. */
export function readCountsIn(metrics: string): ReadCounts {
  const [pages, bytes] = ['pages', 'bytes'].map((what) => byKind(metrics, `guardrelay_read_${what}_total`));
  const [newBytes = 0] = valuesOf(metrics, /^guardrelay_new_bytes_total (?<value>\S+)$/gm);
  return {
    newBytes,
    readBytes: bytes ?? {},
    pages: Object.values(pages ?? {}).reduce((sum, each) => sum + each, 0),
  };
}

/** Read bytes by new bytes, for each kind of read. */
export function amplificationOf({ newBytes, readBytes }: ReadCounts): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(readBytes).map(([kind, bytes]) => [kind, bytes / newBytes]));
}

function byKind(metrics: string, name: string): Readonly<Record<string, number>> {
  const lines = metrics.matchAll(new RegExp(`^${name}\\{kind="(?<kind>[^"]+)"\\} (?<value>\\S+)$`, 'gm'));
  return Object.fromEntries([...lines].map(({ groups }) => [groups?.kind ?? '', Number(groups?.value)]));
}

function valuesOf(metrics: string, pattern: RegExp): readonly number[] {
  return [...metrics.matchAll(pattern)].map(({ groups }) => Number(groups?.value));
}
