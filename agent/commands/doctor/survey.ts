import type { AwsClients } from '../../aws/clients.ts';
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../model/clock.ts';
import type { ErrorCode } from '../../model/error.ts';
import { type Agenda, agendaOf, EVERYTHING, updated } from './agenda.ts';
import { examineAgent, memoryOfProcess } from './agent.ts';
import { examineConfig } from './config.ts';
import { examineDestinations } from './destinations.ts';
import { examine } from './examine.ts';
import type { Tally } from './progress.ts';
import type { Examination } from './rows.ts';

/** What doctor looks at. */
export interface SurveyOptions {
  /** With the chosen customers, accounts and destinations only. */
  readonly config: Config;
  readonly only: readonly ErrorCode[];
  readonly sendsRecord: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly tally: Tally;
  isChosen(region: string): boolean;
  /** Each look has its own, so that no session outlives what it proves. */
  openClients(): AwsClients;
}

/** Looks at the agent, at every account and at the destinations. */
export function survey(options: SurveyOptions): Promise<Examination> {
  return look(EVERYTHING, options);
}

/** Looks again at what was not ok; `cheap`: and at what costs next to nothing. */
export async function surveyAgain(
  known: Examination,
  options: SurveyOptions & { readonly cheap: boolean },
): Promise<Examination> {
  const agenda = agendaOf(known, options);
  return updated(known, await look(agenda, options), agenda);
}

/** Undefined: it was stopped, and so proves nothing. */
export async function unlessStopped<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    const done = await work();
    return signal.aborted ? undefined : done;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function look(
  agenda: Agenda,
  { config, openClients, ...options }: SurveyOptions,
): Promise<Examination> {
  const { agent, customers, destinations } = config;
  const clients = openClients();
  const asked = { ...options, agenda, clients };
  try {
    const subject = { dataDir: agent.dataDir, clock: options.clock, memory: memoryOfProcess() };
    const ofAgent = [...(await examineAgent(subject, asked)), ...(await examineConfig(config, asked))];
    const [ofAws, ofDestinations] = await Promise.all([
      examine(customers, asked),
      examineDestinations(destinations, { ...asked, agentId: agent.id }),
    ]);
    return { ...ofAws, rows: [...ofAgent, ...ofAws.rows, ...ofDestinations] };
  } finally {
    options.tally.end();
    await clients.close();
  }
}
