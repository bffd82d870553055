import { type Document, isMap, isNode, isScalar, type LineCounter } from 'yaml';

import { type ConfigPath, type Fault, type Mistake, pathText } from './mistake.ts';

function keyNode(document: Document, path: ConfigPath): unknown {
  const owner = document.getIn(path.slice(0, -1), true);
  if (!isMap(owner)) return undefined;
  return owner.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))?.key;
}

/** Offset in the text of what stands at `path`, or of the nearest thing around it. */
function offsetOf(document: Document, { path, atKey }: Fault): number {
  const exact = atKey ? keyNode(document, path) : document.getIn(path, true);
  if (isNode(exact) && exact.range) return exact.range[0];
  return path.length === 0 ? 0 : offsetOf(document, { code: 'CFG-001', text: '', path: path.slice(0, -1) });
}

/** Gives a fault its line and column. */
export function locate(fault: Fault, document: Document, lines: LineCounter): Mistake {
  const { line, col } = lines.linePos(offsetOf(document, fault));
  return { code: fault.code, line, column: col, path: pathText(fault.path), text: fault.text };
}
