/** S3, as far as CloudFormation fetches templates from it: everybody may read every object. */
export interface Objects {
  put(url: string, body: string): void;
  get(url: string): string | undefined;
}

/** No objects to begin with. */
export function createObjects(): Objects {
  const bodies = new Map<string, string>();
  return {
    put: (url, body) => void bodies.set(url, body),
    get: (url) => bodies.get(url),
  };
}
