/**
 * Whether all of the text is what the glob says: `*` any characters, `?` one, every other character itself. It takes
 * text × glob steps at the worst, which no expression with `.*` promises.
 */
export function matchesGlob(text: string, glob: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let starTakesTo = 0;
  while (at < text.length) {
    if (glob[next] === '*') {
      star = next;
      starTakesTo = at;
      next += 1;
    } else if (glob[next] === '?' || glob[next] === text[at]) {
      at += 1;
      next += 1;
    } else {
      if (star === -1) return false;
      starTakesTo += 1;
      at = starTakesTo;
      next = star + 1;
    }
  }
  return /^\**$/.test(glob.slice(next));
}
