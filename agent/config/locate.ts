import { type Document, isMap, isNode, isScalar, type LineCounter } from 'yaml';

import { type ConfigPath, type Place, pathText, type Spot } from './mistake.ts';

function keyNode(document: Document, path: ConfigPath): unknown {
  const owner = document.getIn(path.slice(0, -1), true);
  if (!isMap(owner)) return undefined;
  return owner.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))?.key;
}

/** Offset in the text of what stands at `path`, or of the nearest thing around it. */
function offsetOf(document: Document, { path, atKey }: Spot): number {
  const exact = atKey ? keyNode(document, path) : document.getIn(path, true);
  if (isNode(exact) && exact.range) return exact.range[0];
  return path.length === 0 ? 0 : offsetOf(document, { path: path.slice(0, -1) });
}

/** Line and column of what stands in a text. */
export function locate(spot: Spot, document: Document, lines: LineCounter): Place {
  const { line, col } = lines.linePos(offsetOf(document, spot));
  return { line, column: col, path: pathText(spot.path) };
}
