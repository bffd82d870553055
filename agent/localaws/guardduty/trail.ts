import type { EventBus } from '../events/bus.ts';
import type { Call, Caller, Service } from '../service.ts';
import { AwsError } from '../service.ts';
import type { World } from '../world.ts';

function identityOf({ arn, account }: Caller): unknown {
  const type = arn.includes(':assumed-role/') ? 'AssumedRole' : 'IAMUser';
  return { type, principalId: `${account}:${arn.split('/').at(-1)}`, arn, accountId: account };
}

function outcomeOf(outcome: unknown): Readonly<Record<string, unknown>> {
  if (!(outcome instanceof AwsError)) return { responseElements: outcome ?? null };
  return { errorCode: outcome.code, errorMessage: outcome.message, responseElements: null };
}

/**
 * Lets CloudTrail announce the calls that change something, failed ones too, as it does in an account with a
 * trail of management events. Reading calls reach no plainly enabled rule, so they are not announced.
 */
export function withTrail(
  handle: Service['handle'],
  { clock, nextId }: World,
  events: EventBus,
): Service['handle'] {
  function announce({ operation, caller, input }: Call, outcome: unknown): void {
    const detail = {
      eventVersion: '1.11',
      userIdentity: identityOf(caller),
      eventTime: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
      eventSource: 'guardduty.amazonaws.com',
      eventName: operation,
      awsRegion: caller.region,
      sourceIPAddress: '127.0.0.1',
      userAgent: 'localaws',
      requestParameters: input,
      ...outcomeOf(outcome),
      requestID: nextId(),
      eventID: nextId(),
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: caller.account,
      eventCategory: 'Management',
    };
    events.emit(caller, { source: 'aws.guardduty', 'detail-type': 'AWS API Call via CloudTrail', detail });
  }

  return async (call) => {
    if (/^(Get|List|Describe)/.test(call.operation)) return handle(call);
    try {
      const output = await handle(call);
      announce(call, output);
      return output;
    } catch (error) {
      announce(call, error);
      throw error;
    }
  };
}
