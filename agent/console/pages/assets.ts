import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { z } from 'zod';

/** A file of the front end. */
interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

/** The front end, as it was built, or the style sheet alone. */
export interface Assets {
  /** Path of the script; absent: nobody has built the front end, and pages stay as the server sends them. */
  readonly script?: string | undefined;
  readonly style: string;
  /** By path. Their names change with what is in them, if it was built. */
  readonly files: ReadonlyMap<string, Asset>;
}

const BUILT = new URL('../../../dist/web/', import.meta.url);
const SOURCE = new URL('../web/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

const manifest = z.object({
  'main.tsx': z.object({ file: z.string(), css: z.tuple([z.string()]) }),
});

/** Reads them once: they are few and small. */
export function loadAssets(built: URL = BUILT): Assets {
  const listed = readIfThere(new URL('manifest.json', built));
  if (listed === undefined) return unbuilt();
  const { file, css } = manifest.parse(JSON.parse(listed.toString()))['main.tsx'];
  const folder = new URL('assets/', built);
  const files = readdirSync(folder).map((name) => assetIn(folder, name));
  return { script: `/${file}`, style: `/${css[0]}`, files: new Map(files) };
}

/** The style sheet and what it imports, as they are written. */
function unbuilt(): Assets {
  const names = ['console.css', ...readdirSync(new URL('style/', SOURCE)).map((name) => `style/${name}`)];
  return { style: '/assets/console.css', files: new Map(names.map((name) => assetIn(SOURCE, name))) };
}

/** With its path. */
function assetIn(folder: URL, name: string): [string, Asset] {
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  return [`/assets/${name}`, { type, body: readFileSync(new URL(name, folder)) }];
}

function readIfThere(file: URL): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
