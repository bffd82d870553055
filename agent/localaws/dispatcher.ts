import type { Codec, WireReply, WireRequest } from './protocols/codec.ts';
import { jsonCodec, jsonError } from './protocols/json.ts';
import { queryCodec } from './protocols/query.ts';
import { restJsonCodec } from './protocols/rest-json.ts';
import { createRateLimits } from './rate-limit.ts';
import { partitionOf } from './regions.ts';
import type { Call, Caller, Protocol, Service } from './service.ts';
import { AwsError } from './service.ts';
import type { CredentialScope } from './signature.ts';
import { credentialScope } from './signature.ts';
import type { FaultSite, World } from './world.ts';

const CODECS: Readonly<Record<Protocol, Codec>> = {
  'json-1.1': jsonCodec,
  query: queryCodec,
  'rest-json': restJsonCodec,
};

/** An answer, or a connection that is to be cut. */
type Dispatched = { readonly kind: 'reply'; readonly reply: WireReply } | { readonly kind: 'cut' };

/** One call, as it is told to those who watch. */
export interface WatchedCall {
  /** Such as `logs:FilterLogEvents`. */
  readonly action: string;
  readonly caller: Caller;
}

/** Takes a request through identity, faults and permissions to its service, and back. */
export interface Dispatcher {
  dispatch(request: WireRequest, signal: AbortSignal): Promise<Dispatched>;
}

const invalidToken = (): AwsError =>
  new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.');

/** STS answers in every region; everything else only where the account has switched the region on. */
function identify(world: World, scope: CredentialScope, request: WireRequest): Caller {
  const partition = partitionOf(scope.region);
  const header = request.headers['x-amz-security-token'];
  const sessionToken = typeof header === 'string' ? header : undefined;
  const caller =
    partition === undefined
      ? undefined
      : world.principals.identify(scope.accessKeyId, sessionToken, { region: scope.region, partition });
  if (!caller || (scope.service !== 'sts' && !world.accounts.isEnabled(caller))) throw invalidToken();
  return caller;
}

function actionOf(service: Service, { operation }: Call): string {
  return `${service.iamPrefix ?? service.signingName}:${operation}`;
}

/** GetCallerIdentity is allowed to everybody (API reference of STS). */
function authorize(world: World, service: Service, call: Call): void {
  if (call.operation === 'GetCallerIdentity') return;
  const action = actionOf(service, call);
  const denied = (service.access?.(call) ?? [{}]).find(
    (access) => !world.principals.allows(call.caller, action, access),
  );
  if (!denied) return;
  const refusal = `User: ${call.caller.arn} is not authorized to perform: ${action} on resource: ${denied.resource ?? '*'}`;
  throw new AwsError(
    'AccessDeniedException',
    `${refusal} because no identity-based policy allows the ${action} action`,
  );
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  return new AwsError('InternalFailure', `localaws is at fault: ${String(error)}`, 500);
}

/** Waits or throws as the faults say; answers whether the connection is to be cut. */
type Suffer = (site: FaultSite, signal: AbortSignal) => Promise<boolean>;

function createSuffer({ faults, clock }: World): Suffer {
  const rateLimits = createRateLimits(clock);
  return async (site, signal) => {
    const limit = faults.take(site, 'rate-limit');
    if (limit && !rateLimits.admit(limit, site)) {
      throw new AwsError('ThrottlingException', 'Rate exceeded');
    }
    const fault = faults.take(site, 'error', 'cut', 'hang');
    if (fault?.kind === 'error') throw new AwsError(fault.code, fault.message, fault.statusCode);
    if (fault?.kind === 'hang') await clock.sleep(fault.ms, signal);
    return fault?.kind === 'cut';
  };
}

const NO_SERVICE = new AwsError(
  'MissingAuthenticationTokenException',
  'No known service was asked for.',
  403,
);

/** One dispatcher for all accounts, regions and services. `watch` hears of every call before it is judged. */
export function createDispatcher(
  world: World,
  services: readonly Service[],
  watch: (call: WatchedCall) => void = () => {},
): Dispatcher {
  const suffer = createSuffer(world);
  const byName = new Map(services.map((service) => [service.signingName, service]));

  function dateHeader(site?: FaultSite): { readonly date?: string } {
    const fault = site && world.faults.take(site, 'date-offset', 'date-header');
    if (fault?.kind === 'date-header') return fault.text === undefined ? {} : { date: fault.text };
    return { date: new Date(world.clock.now() + (fault?.ms ?? 0)).toUTCString() };
  }

  function stamped(reply: WireReply, requestId: string, site?: FaultSite): Dispatched {
    const headers = { ...reply.headers, ...dateHeader(site), 'x-amzn-requestid': requestId };
    return { kind: 'reply', reply: { ...reply, headers } };
  }

  return {
    async dispatch(request, signal) {
      const requestId = world.nextId();
      const scope = credentialScope(request.headers.authorization);
      const service = scope && byName.get(scope.service);
      if (!service) return stamped(jsonError(NO_SERVICE), requestId);

      const codec = CODECS[service.protocol];
      let site: FaultSite | undefined;
      try {
        const caller = identify(world, scope, request);
        const { operation, input } = codec.decode(request, service);
        const call: Call = { operation, input, caller };
        watch({ action: actionOf(service, call), caller });
        site = { ...caller, service: service.signingName, operation };
        if (await suffer(site, signal)) return { kind: 'cut' };
        authorize(world, service, call);
        const output = await service.handle(call);
        return stamped(codec.encode(output, { service, operation, requestId }), requestId, site);
      } catch (error) {
        return stamped(codec.encodeError(asAwsError(error), { service, requestId }), requestId, site);
      }
    },
  };
}
