import type { AnsweredCall } from '../model/answered-call.ts';
import { errorFacts } from './error-facts.ts';

type Handler<Call, Answer> = (call: Call) => Promise<Answer>;

export interface Watchable {
  readonly middlewareStack: {
    add(
      middleware: <Call, Answer>(
        next: Handler<Call, Answer>,
        context: { readonly commandName?: string },
      ) => Handler<Call, Answer>,
      options: { readonly step: 'deserialize'; readonly priority: 'high'; readonly name: string },
    ): void;
  };
}

/** Outside of what parses answers, so that errors have their names, and inside of what tries again. */
const PLACE = { step: 'deserialize', priority: 'high', name: 'guardrelayWatch' } as const;

/** The client itself; whatever it asks from now on is told. */
export function watched<C extends Watchable>(
  client: C,
  service: string,
  tell: (call: AnsweredCall) => void,
): C {
  client.middlewareStack.add((next, { commandName = '' }) => {
    const operation = commandName.replace(/Command$/, '');
    return async (call) => {
      try {
        const answer = await next(call);
        tell({ service, operation, outcome: 'ok' });
        return answer;
      } catch (error) {
        tell({ service, operation, outcome: outcomeOf(error) });
        throw error;
      }
    };
  }, PLACE);
  return client;
}

const REFUSALS: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
]);

function outcomeOf(error: unknown): AnsweredCall['outcome'] {
  const { name, isThrottling, isNetwork } = errorFacts(error);
  if (isThrottling) return 'throttled';
  if (isNetwork) return 'unreachable';
  return REFUSALS.has(name) ? 'refused' : 'failed';
}
