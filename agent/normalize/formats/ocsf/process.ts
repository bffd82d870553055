import type { Process } from '../../../model/actor.ts';
import { filled } from '../../present.ts';
import { filledList, integer, isPresent } from './attribute.ts';
import { fileOf } from './files.ts';

/** OCSF takes these two only of events that name these profiles. */
export function processProfiles(processes: readonly (Process | undefined)[]) {
  const known = processes.filter(isPresent);
  const inContainer = known.some(({ namespacePid }) => integer(namespacePid) !== undefined);
  const onLinux = known.some(({ effectiveUserId }) => integer(effectiveUserId) !== undefined);
  return [
    ...(inContainer ? (['container'] as const) : []),
    ...(onLinux ? (['linux/linux_users'] as const) : []),
  ];
}

function userOf({ userName, userId }: Process) {
  return filled({ name: userName, uid: userId === undefined ? undefined : String(userId) });
}

function ancestorOf({ name, uuid, pid, path, started }: Process) {
  const names = filled({ name, uid: uuid, pid: integer(pid), path });
  return names && { ...names, created_time: started };
}

/** A process that has a number or an id of its own. */
export function processOf(process: Process) {
  const { name, uuid, path, sha256, parentUuid } = process;
  const pid = integer(process.pid);
  if (pid === undefined && uuid === undefined) return undefined;
  return {
    name,
    pid,
    uid: uuid,
    created_time: process.started,
    namespace_pid: integer(process.namespacePid),
    euid: integer(process.effectiveUserId),
    working_directory: process.workingDirectory,
    user: userOf(process),
    file: fileOf({ name, path, sha256 }),
    parent_process: parentUuid === undefined ? undefined : { uid: parentUuid },
    ancestry: filledList(process.ancestors.map(ancestorOf).filter(isPresent)),
  };
}
