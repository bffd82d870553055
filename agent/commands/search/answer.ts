import type { AccountDirectory } from '../../model/account-names.ts';
import type { ExitCode } from '../../model/error.ts';
import type { IndexedRecord } from '../../search/search-index.ts';

/** What a search found, wherever it looked. */
export interface SearchAnswer {
  /** The newest first. */
  readonly records: readonly IndexedRecord[];
  /** False: there may be others that nobody looked at. */
  readonly complete: boolean;
  /** What a person should know beside the records, in sentences. */
  readonly remarks: readonly string[];
  readonly accountNames: AccountDirectory;
  readonly exitCode: ExitCode;
}
