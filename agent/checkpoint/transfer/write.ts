import type { StoredCheckpoint } from '../store.ts';
import { bodyText, type Header, headerText } from './lines.ts';

const BLOCK_CHARACTERS = 64 * 1024;

/** The text of a checkpoint document, in blocks of many lines. */
export async function* writeDocument(
  checkpoints: AsyncIterable<StoredCheckpoint>,
  header: Header,
): AsyncGenerator<string> {
  let block = '';
  for await (const line of documentLines(checkpoints, header)) {
    block += line;
    if (block.length < BLOCK_CHARACTERS) continue;
    yield block;
    block = '';
  }
  yield block;
}

async function* documentLines(
  checkpoints: AsyncIterable<StoredCheckpoint>,
  header: Header,
): AsyncGenerator<string> {
  let sources = 0;
  let finished = 0;
  yield headerText(header);
  for await (const { finished: events, ...checkpoint } of checkpoints) {
    yield bodyText({ type: 'source', ...checkpoint });
    sources += 1;
    for await (const event of events) {
      yield bodyText({ type: 'finished', ...event });
      finished += 1;
    }
  }
  yield bodyText({ type: 'end', sources, finished });
}
