/** An AWS account, if anything is known of it. */
export function accountOf(uid: string | undefined, name?: string) {
  return uid === undefined && name === undefined
    ? undefined
    : { uid, name, type_id: 10, type: 'AWS Account' };
}
