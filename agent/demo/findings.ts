import { readdir, readFile } from 'node:fs/promises';

import { isJsonObject, type JsonObject } from '../model/json.ts';

// Beside agent/ in a clone, beside dist/ in the package.
const FOLDER = new URL('../../test/fixtures/findings/', import.meta.url);

/** A sample finding, with its origin in test/fixtures/findings/MANIFEST.md. */
export interface Fixture {
  readonly name: string;
  readonly text: string;
  /** Absent: not JSON, on purpose. */
  readonly json?: JsonObject;
}

export async function loadFixtures(): Promise<readonly Fixture[]> {
  const names = (await readdir(FOLDER)).filter((name) => !name.endsWith('.md')).toSorted();
  return await Promise.all(names.map(loadFixture));
}

async function loadFixture(name: string): Promise<Fixture> {
  const text = await readFile(new URL(name, FOLDER), 'utf8');
  const json = parse(text);
  return json ? { name, text, json } : { name, text };
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
