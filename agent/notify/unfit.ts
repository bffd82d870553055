/** Something that a person must repair before anything can be sent. */
export class UnfitError extends Error {
  readonly code = 'ERR_UNFIT';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnfitError';
  }
}
