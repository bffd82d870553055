interface ReplayWish {
  readonly from: string;
  readonly to: string;
  readonly dryRun: boolean;
}

interface ReplayProps {
  onWish(wish: ReplayWish): void;
}

const HOUR_MS = 3_600_000;

/** Which events go out again. */
export function ReplayForm({ onWish }: ReplayProps) {
  const now = Date.now();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const wishes = new FormData(event.currentTarget);
    onWish({ from: instantIn(wishes, 'from'), to: instantIn(wishes, 'to'), dryRun: wishes.has('dryRun') });
  };
  return (
    <form class="bar" onSubmit={submit}>
      <label>
        From (UTC)
        <input type="datetime-local" name="from" required defaultValue={fieldOf(now - HOUR_MS)} />
      </label>
      <label>
        To (UTC)
        <input type="datetime-local" name="to" required defaultValue={fieldOf(now)} />
      </label>
      <label class="check">
        <input type="checkbox" name="dryRun" defaultChecked /> Only count
      </label>
      <button type="submit">Begin</button>
    </form>
  );
}

/** As the field holds it, which knows no zone. */
function fieldOf(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}

function instantIn(wishes: FormData, name: string): string {
  return new Date(`${String(wishes.get(name))}Z`).toISOString();
}
