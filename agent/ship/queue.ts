/** First in, first out, in constant time on average. */
export interface Queue<T> {
  readonly length: number;
  readonly first: T | undefined;
  push(item: T): void;
  shift(): T | undefined;
  /** Removes and returns those that match. */
  takeOut(matches: (item: T) => boolean): readonly T[];
}

/** Places freed at the front before the rest moves up. */
const COMPACT_AT = 4_096;

export function createQueue<T>(): Queue<T> {
  let items: (T | undefined)[] = [];
  let head = 0;

  function waiting(): readonly T[] {
    return items.slice(head) as T[];
  }

  return {
    get length() {
      return items.length - head;
    },
    get first() {
      return items[head];
    },
    push(item) {
      items.push(item);
    },
    shift() {
      const item = items[head];
      if (head === items.length) return undefined;
      // A record is large, and may be final long before the rest moves up: the free place must not hold it.
      items[head] = undefined;
      head += 1;
      if (head === items.length || (head >= COMPACT_AT && head * 2 >= items.length)) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    takeOut(matches) {
      const rest = waiting();
      items = rest.filter((item) => !matches(item));
      head = 0;
      return rest.filter(matches);
    },
  };
}
