import type { JsonObject } from '../../model/json.ts';
import type { ScannedFile, Threat } from '../../model/resource.ts';
import { integerOf, objectOf, objectsOf, textOf } from '../lenient.ts';
import { filled, present } from '../present.ts';

const SHA256 = /^[0-9a-f]{64}$/i;

/** A hash in the form of a SHA-256. */
export function sha256Of(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && SHA256.test(text) ? text : undefined;
}

interface FileDetails {
  readonly path: unknown;
  readonly name?: unknown;
  readonly hash: unknown;
  readonly holder?: unknown;
  readonly threat?: unknown;
}

function fileOf({ path, name, hash, holder, threat }: FileDetails): ScannedFile | undefined {
  const text = textOf(path);
  const file = present({
    path: text,
    name: textOf(name) ?? textOf(text?.slice(text.lastIndexOf('/') + 1)),
    hash: textOf(hash),
    sha256: sha256Of(hash),
    holder: textOf(holder),
  });
  return filled(file) && present({ ...file, threat: textOf(threat) });
}

function scannedVolumes(service: JsonObject): readonly JsonObject[] {
  const detections = objectOf(objectOf(service.ebsVolumeScanDetails).scanDetections);
  return objectsOf(objectOf(detections.threatDetectedByName).threatNames);
}

function malwareThreats(service: JsonObject): readonly JsonObject[] {
  return objectsOf(objectOf(service.malwareScanDetails).threats);
}

function volumeFiles({ name: threat, filePaths }: JsonObject): readonly (ScannedFile | undefined)[] {
  return objectsOf(filePaths).map(({ filePath, fileName, hash, volumeArn }) =>
    fileOf({ path: filePath, name: fileName, hash, holder: volumeArn, threat }),
  );
}

/** A threat lists its items with details, or the paths in an archive alone, or only a hash. */
function threatFiles(threat: JsonObject): readonly (ScannedFile | undefined)[] {
  const { name, hash } = threat;
  const items = objectsOf(threat.itemDetails);
  if (items.length > 0) {
    return items.map((item) =>
      fileOf({ path: item.itemPath, hash: item.hash ?? hash, holder: item.resourceArn, threat: name }),
    );
  }
  const paths = objectsOf(threat.itemPaths);
  if (paths.length === 0) return [fileOf({ path: undefined, hash, threat: name })];
  return paths.map((path) => fileOf({ path: path.nestedItemPath, hash: path.hash ?? hash, threat: name }));
}

function objectFiles(resource: JsonObject): readonly (ScannedFile | undefined)[] {
  return objectsOf(resource.s3BucketDetails)
    .flatMap(({ s3ObjectDetails }) => objectsOf(s3ObjectDetails))
    .map(({ key, hash, objectArn }) => fileOf({ path: key, hash, holder: objectArn }));
}

/** Files with malware first, then the objects that the finding is about. */
export function filesOf(service: JsonObject, resource: JsonObject): readonly ScannedFile[] {
  const files = [
    ...scannedVolumes(service).flatMap(volumeFiles),
    ...malwareThreats(service).flatMap(threatFiles),
    ...objectFiles(resource),
  ];
  return files.filter((file) => file !== undefined);
}

function threatOf({ name, severity, itemCount, count }: JsonObject): readonly [string, Threat][] {
  const known = textOf(name);
  if (known === undefined) return [];
  const found = integerOf(itemCount) ?? integerOf(count);
  return [[known, present({ name: known, severity: textOf(severity), count: found })]];
}

/** The malware that scans found, each name once. */
export function threatsOf(service: JsonObject): readonly Threat[] {
  const found = [...scannedVolumes(service), ...malwareThreats(service)].flatMap(threatOf);
  return found.length < 2 ? found.map(([, threat]) => threat) : [...new Map(found).values()];
}
