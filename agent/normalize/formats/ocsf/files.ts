import type { ScannedFile } from '../../../model/resource.ts';

interface FileNames {
  readonly name?: string | undefined;
  readonly path?: string | undefined;
  readonly hash?: string | undefined;
  readonly sha256?: string | undefined;
}

function hashesOf({ hash, sha256 }: FileNames) {
  if (sha256 !== undefined) return [{ algorithm_id: 3, algorithm: 'SHA-256', value: sha256 }];
  return hash === undefined ? undefined : [{ algorithm_id: 0, algorithm: 'Unknown', value: hash }];
}

/** A file needs a name: the last part of its path, where nothing else says it. */
export function fileOf(file: FileNames & Pick<ScannedFile, 'holder'>) {
  const { path, holder } = file;
  const name = file.name ?? path?.slice(path.lastIndexOf('/') + 1);
  if (name === undefined) return undefined;
  return { name, path, type_id: 1, type: 'Regular File', volume: holder, hashes: hashesOf(file) };
}
