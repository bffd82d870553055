import type { CallAs, CloudFormationClient, StackSetOperation } from '@aws-sdk/client-cloudformation';
import {
  DescribeStackSetOperationCommand,
  OperationIdAlreadyExistsException,
  OperationInProgressException,
  paginateListStackSetOperations,
  StaleRequestException,
} from '@aws-sdk/client-cloudformation';

import type { DeployContext } from './context.ts';
import type { Operation } from './operation-results.ts';
import { createResultBook, listResults } from './operation-results.ts';
import { collectRows, firstPage } from './pages.ts';
import type { Place } from './places.ts';
import { pollUntil } from './poll.ts';
import type { InstanceResult } from './result.ts';

/** The operations of one StackSet. */
export interface OperationLog {
  /** Ids of our operations that have not ended, whoever began them. */
  running(): Promise<string[]>;
  /** Begins an operation as soon as the set is free. The attempt number completes the id. */
  start(prefix: string, places: readonly Place[], begin: Begin): Promise<Operation>;
  /** Waits for the end, and for the result of every instance: SUCCEEDED alone is no success. */
  watch(operation: Operation): Promise<readonly InstanceResult[]>;
}

/** Asks AWS to begin; its answer names the operation. */
type Begin = (operationId: string) => Promise<Begun>;
export interface Begun {
  readonly OperationId?: string | undefined;
}

/** The set, and as whom it is asked for: members of every call. */
export interface SetIdentity {
  readonly StackSetName: string;
  readonly CallAs?: CallAs;
}

interface SetSite {
  readonly client: CloudFormationClient;
  readonly stackSet: string;
  readonly set: SetIdentity;
  readonly context: DeployContext;
}

const OUR_PREFIX = 'gr-';
const BUSY_WAIT_MS = { least: 10_000, most: 30_000 };
/** Results are eventually consistent: they may trail the operation by so much. */
const RESULTS_LAG_MS = 300_000;

export function createOperationLog(
  client: CloudFormationClient,
  set: SetIdentity,
  context: DeployContext,
): OperationLog {
  const { StackSetName: stackSet } = set;
  const site = { client, stackSet, set, context };
  return {
    async running() {
      const operations = await list(site);
      return operations.filter(({ id, ended }) => id.startsWith(OUR_PREFIX) && !ended).map(({ id }) => id);
    },
    async start(prefix, places, begin) {
      const earlier = (await list(site)).filter(({ id }) => id.startsWith(prefix));
      const ownId = `${prefix}${earlier.length + 1}`;
      let id = await tryToBegin(ownId, begin);
      while (id === undefined) {
        await waitForTurn(site);
        id = await tryToBegin(ownId, begin);
      }
      context.progress.note(`operation ${id} on StackSet ${stackSet} has begun`);
      return { id, places };
    },
    watch: async (operation) => (context.detached ? underWay(stackSet, operation) : watch(site, operation)),
  };
}

/** Undefined: the set is not free. */
async function tryToBegin(ownId: string, begin: Begin): Promise<string | undefined> {
  try {
    return (await begin(ownId)).OperationId ?? ownId;
  } catch (error) {
    // Begun by a run that was cut off before it heard the answer.
    if (error instanceof OperationIdAlreadyExistsException) return ownId;
    if (error instanceof OperationInProgressException || error instanceof StaleRequestException)
      return undefined;
    throw error;
  }
}

async function waitForTurn({ stackSet, context }: SetSite): Promise<void> {
  context.progress.note(`another operation is running on StackSet ${stackSet}: waiting for it to end`);
  const jitterMs = context.random() * (BUSY_WAIT_MS.most - BUSY_WAIT_MS.least);
  await context.clock.sleep(BUSY_WAIT_MS.least + jitterMs, context.signal);
  context.signal.throwIfAborted();
}

async function list({ client, set, context }: SetSite) {
  const pages = paginateListStackSetOperations({ client }, firstPage(set), { abortSignal: context.signal });
  const rows = await collectRows(pages, ({ Summaries }) => Summaries);
  return rows.map(({ OperationId = '', Status }) => ({ id: OperationId, ended: hasEnded(Status) }));
}

/** What is known of an operation that nobody waits for. */
function underWay(stack: string, { id, places }: Operation): readonly InstanceResult[] {
  return places.map((place) => ({ ...place, stack, status: 'running', operation: id }));
}

async function watch(site: SetSite, operation: Operation): Promise<readonly InstanceResult[]> {
  const { client, stackSet, set, context } = site;
  const book = createResultBook(stackSet, operation, context.progress);
  const input = { ...set, OperationId: operation.id };
  const look = async (): Promise<void> => book.enter(await listResults(client, input, context.signal));
  const end = await pollUntil(async () => {
    const state = await describe(site, operation);
    await look();
    return hasEnded(state.Status) ? state : undefined;
  }, context);

  const giveUpAt = context.clock.monotonic() + RESULTS_LAG_MS;
  await pollUntil(async () => {
    if (book.isComplete(end) || context.clock.monotonic() >= giveUpAt) return true;
    await look();
    return undefined;
  }, context);
  return book.close(end);
}

async function describe({ client, set, context }: SetSite, { id }: Operation): Promise<StackSetOperation> {
  const command = new DescribeStackSetOperationCommand({ ...set, OperationId: id });
  return (await client.send(command, { abortSignal: context.signal })).StackSetOperation ?? {};
}

function hasEnded(status: StackSetOperation['Status']): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED' || status === 'STOPPED';
}
