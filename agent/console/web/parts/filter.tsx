import type { Place } from '../router.ts';
import { wish } from '../wishes.ts';

interface FilterProps {
  readonly place: Place;
  /** Of the wish in the address. */
  readonly name: string;
  readonly label: string;
}

/** Asks when the value is final: on Enter, or when the box is left. */
export function SearchBox({ place, name, label }: FilterProps) {
  return (
    <label class="wide">
      {label}
      <input
        type="search"
        value={place.query.get(name) ?? ''}
        onChange={(event) => wish(place, { [name]: event.currentTarget.value.trim() })}
      />
    </label>
  );
}

export function CustomerBox({ place }: Pick<FilterProps, 'place'>) {
  return <SearchBox place={place} name="customer" label="Customer" />;
}

interface ChoiceProps extends FilterProps {
  /** What is asked for, and what it is called. */
  readonly choices: Readonly<Record<string, string>>;
}

export function Choice({ place, name, label, choices }: ChoiceProps) {
  return (
    <label>
      {label}
      <select
        value={place.query.get(name) ?? ''}
        onChange={(event) => wish(place, { [name]: event.currentTarget.value })}
      >
        {Object.entries(choices).map(([wanted, title]) => (
          <option key={wanted} value={wanted}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
