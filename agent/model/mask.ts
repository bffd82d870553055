/** Takes secrets out of texts, in whatever form a far side or an encoder repeats them. */
export interface Mask {
  /** From now on. */
  hide(secret: string): void;
  clean(text: string): string;
}

const MASKED = '***';
/** Shorter ones would blank out ordinary words. */
const SHORTEST_SECRET = 4;
/** What is a credential by the looks of it: HTTP schemes, and passwords in URLs. */
const SECRET_TEXT = /\b(Bearer|Basic|Splunk)\s+[\w.~+/=-]{8,}|(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g;

export function createMask(): Mask {
  let hidden: readonly string[] = [];
  return {
    hide(secret) {
      if (secret.length < SHORTEST_SECRET || hidden.includes(secret)) return;
      // The longest first: one secret may be a part of another.
      hidden = [...new Set([...hidden, ...formsOf(secret)])].sort((one, other) => other.length - one.length);
    },
    clean(text) {
      const isThere = (form: string): boolean => form.length <= text.length && text.includes(form);
      const known = hidden.filter(isThere).reduce((clean, form) => clean.replaceAll(form, MASKED), text);
      return known.replace(SECRET_TEXT, MASKED);
    },
  };
}

/** The secret as it stands in JSON, URLs, forms, Base64 and hexadecimal. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    inJson,
    // An answer in JSON that holds another.
    JSON.stringify(inJson).slice(1, -1),
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams([['', secret]]).toString().slice(1),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    ...[hex, hex.toUpperCase()],
  ];
}
