const SORTS = ['state', 'customer', 'region', 'since'] as const;
type Sort = (typeof SORTS)[number];

/** What the person at the keyboard wants to see. */
export interface TopWishes {
  readonly sort: Sort;
  readonly filter: string;
  /** The filter is being written. */
  readonly isTyping: boolean;
  readonly hasHelp: boolean;
  /** Problems above the first that is shown. */
  readonly scrolled: number;
}

export const FIRST_WISHES: TopWishes = {
  sort: 'state',
  filter: '',
  isTyping: false,
  hasHelp: false,
  scrolled: 0,
};

const KEYS = { escape: '\u001b', interrupt: '\u0003', up: '\u001b[A', down: '\u001b[B' } as const;
const RIGHT: readonly string[] = ['s', '\u001b[C'];
const LEFT: readonly string[] = ['S', '\u001b[D'];
const ENTER: readonly string[] = ['\r', '\n'];
const BACKSPACE: readonly string[] = ['\u007f', '\b'];
const MAX_FILTER = 40;

/** What one key changes; `quit` ends. */
export function pressed(wishes: TopWishes, key: string): TopWishes | 'quit' {
  if (key === KEYS.interrupt) return 'quit';
  if (wishes.isTyping) return typed(wishes, key);
  if (key === 'q') return 'quit';
  if (RIGHT.includes(key)) return { ...wishes, sort: beside(wishes.sort, 1), scrolled: 0 };
  if (LEFT.includes(key)) return { ...wishes, sort: beside(wishes.sort, -1), scrolled: 0 };
  return moved(wishes, key);
}

function moved(wishes: TopWishes, key: string): TopWishes {
  switch (key) {
    case KEYS.down:
      return { ...wishes, scrolled: wishes.scrolled + 1 };
    case KEYS.up:
      return { ...wishes, scrolled: Math.max(0, wishes.scrolled - 1) };
    case '/':
      return { ...wishes, isTyping: true, hasHelp: false, filter: '', scrolled: 0 };
    case '?':
      return { ...wishes, hasHelp: !wishes.hasHelp };
    case KEYS.escape:
      return { ...wishes, filter: '', hasHelp: false };
    default:
      return wishes;
  }
}

function typed(wishes: TopWishes, key: string): TopWishes {
  if (ENTER.includes(key)) return { ...wishes, isTyping: false };
  if (key === KEYS.escape) return { ...wishes, isTyping: false, filter: '' };
  if (BACKSPACE.includes(key)) return { ...wishes, filter: wishes.filter.slice(0, -1) };
  const isText = /^[^\p{C}]$/u.test(key) && wishes.filter.length < MAX_FILTER;
  return isText ? { ...wishes, filter: wishes.filter + key } : wishes;
}

function beside(sort: Sort, step: number): Sort {
  return SORTS[(SORTS.indexOf(sort) + step + SORTS.length) % SORTS.length] ?? 'state';
}
