/**
 * SDK middleware (step `deserialize`) that tells the `Date` header of every answer, errors included. AWS's clock
 * is the only one by which events may be compared.
 */
export function tellDates(tell: (serviceTimeMs: number) => void) {
  return <Args, Result extends { readonly response: unknown }>(next: (args: Args) => Promise<Result>) =>
    async (args: Args): Promise<Result> => {
      const result = await next(args);
      const serviceTimeMs = dateOf(result.response);
      if (serviceTimeMs !== undefined) tell(serviceTimeMs);
      return result;
    };
}

/** Where `tellDates` belongs: inside the SDK's own deserializer, which throws for an error answer. */
export const TELL_DATES = { step: 'deserialize', priority: 'low', name: 'tellDates' } as const;

function dateOf(response: unknown): number | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined;
  const time = typeof headers.date === 'string' ? Date.parse(headers.date) : Number.NaN;
  return Number.isFinite(time) ? time : undefined;
}
