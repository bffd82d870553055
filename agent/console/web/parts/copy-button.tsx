import { useState } from 'preact/hooks';

interface CopyProps {
  readonly text: string;
  /** What a screen reader calls it: `Copy command`. */
  readonly name: string;
  readonly children?: string;
}

/** Says for a while that it has copied. */
export function CopyButton({ text, name, children = 'Copy' }: CopyProps) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 2_000);
      },
      // Without the right to the clipboard the text can still be selected.
      () => setCopied(false),
    );
  };
  return (
    <button type="button" class="plain small" aria-label={copied ? 'Copied' : name} onClick={copy}>
      {copied ? 'Copied' : children}
    </button>
  );
}
