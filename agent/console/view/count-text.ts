/** `1,284`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 source`, `3,638 sources`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
