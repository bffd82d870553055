import {
  CreateMembersCommand,
  DeleteMembersCommand,
  DisassociateMembersCommand,
  InviteMembersCommand,
  type UnprocessedAccount,
} from '@aws-sdk/client-guardduty';

import type { ListedAccount } from './accounts-csv.ts';
import { type Desk, send } from './desk.ts';

/** Why GuardDuty did not do it, by account: in its own words, or the words of the call that failed. */
export type Refusals = ReadonlyMap<string, string>;

export interface InvitationWish {
  readonly message?: string | undefined;
  /** Beside the notice in the Health Dashboard, a mail to the root user of each account and region. */
  readonly email: boolean;
}

/** GuardDuty takes no more at once. */
const AT_ONCE = 50;

export function createMembers(
  desk: Desk,
  detector: string,
  accounts: readonly ListedAccount[],
): Promise<Refusals> {
  const emails = new Map(accounts.map(({ id, email }) => [id, email]));
  return inChunks([...emails.keys()], (ids) =>
    send(desk, 'CreateMembers', async (client, abort) => {
      const AccountDetails = ids.map((id) => ({ AccountId: id, Email: emails.get(id) }));
      return told(
        await client.send(new CreateMembersCommand({ DetectorId: detector, AccountDetails }), abort),
      );
    }),
  );
}

export function inviteMembers(
  desk: Desk,
  detector: string,
  ids: readonly string[],
  { message, email }: InvitationWish,
): Promise<Refusals> {
  return inChunks(ids, (chunk) =>
    send(desk, 'InviteMembers', async (client, abort) => {
      const command = new InviteMembersCommand({
        DetectorId: detector,
        AccountIds: chunk,
        DisableEmailNotification: !email,
        Message: message,
      });
      return told(await client.send(command, abort));
    }),
  );
}

/** They are members no longer; their addresses stay known. */
export function disassociateMembers(desk: Desk, detector: string, ids: readonly string[]): Promise<Refusals> {
  return inChunks(ids, (chunk) =>
    send(desk, 'DisassociateMembers', async (client, abort) =>
      told(
        await client.send(new DisassociateMembersCommand({ DetectorId: detector, AccountIds: chunk }), abort),
      ),
    ),
  );
}

export function deleteMembers(desk: Desk, detector: string, ids: readonly string[]): Promise<Refusals> {
  return inChunks(ids, (chunk) =>
    send(desk, 'DeleteMembers', async (client, abort) =>
      told(await client.send(new DeleteMembersCommand({ DetectorId: detector, AccountIds: chunk }), abort)),
    ),
  );
}

interface Answer {
  readonly kind: 'answer';
  readonly refused: readonly UnprocessedAccount[];
}

function told({
  UnprocessedAccounts = [],
}: {
  UnprocessedAccounts?: UnprocessedAccount[] | undefined;
}): Answer {
  return { kind: 'answer', refused: UnprocessedAccounts };
}

/** One chunk that fails costs the others nothing. */
async function inChunks(
  ids: readonly string[],
  ask: (
    chunk: string[],
  ) => Promise<Answer | { readonly kind: 'failed'; readonly failure: { readonly text: string } }>,
): Promise<Refusals> {
  const refusals = new Map<string, string>();
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const chunk = ids.slice(at, at + AT_ONCE);
    const answer = await ask(chunk);
    if (answer.kind === 'failed') for (const id of chunk) refusals.set(id, answer.failure.text);
    else for (const { AccountId = '', Result = '' } of answer.refused) refusals.set(AccountId, Result);
  }
  return refusals;
}
