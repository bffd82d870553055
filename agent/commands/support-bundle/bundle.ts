import type { Mask } from '../../model/mask.ts';
import { type BundleSources, PARTS } from './parts.ts';
import type { ArchivedFile } from './tar.ts';

/** What a support engineer gets. */
export interface Bundle {
  readonly files: readonly ArchivedFile[];
  /** What is not there, and why. */
  readonly missing: readonly { readonly name: string; readonly why: string }[];
}

/** Makes every part, one after the other; what cannot be made stops none of the others. */
export async function collectBundle(sources: BundleSources, mask: Mask): Promise<Bundle> {
  const files: ArchivedFile[] = [];
  const missing: Bundle['missing'][number][] = [];
  for (const { name, make } of PARTS) {
    try {
      files.push({ name: `${FOLDER}/${name}`, content: Buffer.from(mask.clean(await make(sources))) });
    } catch (error) {
      missing.push({ name, why: mask.clean(error instanceof Error ? error.message : String(error)) });
    }
  }
  return { files: [contents(files, missing, sources.clock.now()), ...files], missing };
}

const FOLDER = 'guardrelay-support';

function contents(files: Bundle['files'], missing: Bundle['missing'], now: number): ArchivedFile {
  const document = {
    schema: 'guardrelay.support-bundle/v1',
    generatedAt: new Date(now).toISOString(),
    files: files.map(({ name, content }) => ({ name, bytes: content.length })),
    missing,
  };
  return { name: `${FOLDER}/contents.json`, content: Buffer.from(`${JSON.stringify(document, null, 2)}\n`) };
}
