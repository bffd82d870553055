import type { Process } from '../../../model/actor.ts';
import { filled } from '../../present.ts';
import { dateOf } from './date.ts';

function userOf({ userName, userId }: Process) {
  return filled({ name: userName, id: userId === undefined ? undefined : String(userId) });
}

export function processOf(process: Process) {
  const { name, pid, uuid, path, workingDirectory, started, sha256, parentUuid } = process;
  return filled({
    name,
    pid,
    entity_id: uuid,
    executable: path,
    working_directory: workingDirectory,
    start: dateOf(started),
    hash: sha256 === undefined ? undefined : { sha256 },
    user: userOf(process),
    parent: parentUuid === undefined ? undefined : { entity_id: parentUuid },
  });
}
