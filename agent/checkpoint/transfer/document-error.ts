import { EXIT, GuardrelayError } from '../../model/error.ts';

const FIX = 'Export it again, whole, with: guardrelay checkpoint export --file FILE. Nothing was changed.';

/** A checkpoint document that cannot be used; nothing of it is. */
export function documentError(what: string, fix: string = FIX): GuardrelayError {
  return new GuardrelayError('AGT-006', `reading the checkpoint document: ${what}`, {
    exitCode: EXIT.usage,
    fix,
  });
}
