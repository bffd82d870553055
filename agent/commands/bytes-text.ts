const UNITS = ['B', 'kB', 'MB', 'GB'] as const;

/** Bytes in decimal units: 812 B, 1.2 kB, 268 MB. */
export function bytesText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1_000 ** power;
  return `${power === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}
