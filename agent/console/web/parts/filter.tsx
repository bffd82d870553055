interface SearchBoxProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  onWish(value: string): void;
}

/** Asks when the value is final: on Enter, or when the box is left. */
export function SearchBox({ label, value, placeholder, onWish }: SearchBoxProps) {
  return (
    <label class="wide">
      {label}
      <input
        type="search"
        value={value}
        placeholder={placeholder}
        onChange={(event) => onWish(event.currentTarget.value.trim())}
      />
    </label>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  /** What is asked for, and what it is called. */
  readonly choices: Readonly<Record<string, string>>;
  onWish(value: string): void;
}

export function Choice({ label, value, choices, onWish }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onWish(event.currentTarget.value)}>
        {Object.entries(choices).map(([wanted, name]) => (
          <option key={wanted} value={wanted}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
