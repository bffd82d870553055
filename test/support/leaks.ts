/** What a program has shown, and where. */
export interface Output {
  readonly where: string;
  readonly text: string;
}

/** A secret in the forms in which it could be shown. */
export function formsOf(secret: string): Readonly<Record<string, string>> {
  const bytes = Buffer.from(secret);
  return {
    plain: secret,
    json: JSON.stringify(secret).slice(1, -1),
    'json in json': JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    url: encodeURIComponent(secret),
    form: new URLSearchParams({ secret }).toString().slice('secret='.length),
    base64: bytes.toString('base64').replace(/=+$/, ''),
    base64url: bytes.toString('base64url'),
    hex: bytes.toString('hex'),
    HEX: bytes.toString('hex').toUpperCase(),
  };
}

/** Every place where one of the secrets is shown: `output: name as form`. */
export function leaksIn(outputs: readonly Output[], secrets: ReadonlyMap<string, string>): readonly string[] {
  const needles = [...secrets].flatMap(([secret, name]) =>
    Object.entries(formsOf(secret)).map(([form, text]) => ({ text, told: `${name} as ${form}` })),
  );
  return outputs.flatMap(({ where, text }) =>
    needles.filter((needle) => text.includes(needle.text)).map(({ told }) => `${where}: ${told}`),
  );
}
