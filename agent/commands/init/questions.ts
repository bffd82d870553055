import { findRegion } from '../../aws/regions.ts';
import { accountId, identifier } from '../../config/names.ts';
import { destinationFromUrl } from '../../config/starter/destination-url.ts';
import type { DestinationChoice, StarterCustomer } from '../../config/starter/starter.ts';
import type { Interview, Question, Read } from './interview.ts';

/** What the command line has answered already. */
export interface GivenAnswers {
  readonly customer?: readonly string[] | undefined;
  readonly account?: string | undefined;
  readonly organization?: boolean | undefined;
  readonly regions?: string | undefined;
  readonly dest?: string | undefined;
}

export interface Answers extends Omit<StarterCustomer, 'externalId' | 'partition'> {
  readonly destination: DestinationChoice;
}

/** The five questions, in the order in which people know the answers. */
export async function askFive(
  interview: Interview,
  given: GivenAnswers,
  destinations: readonly string[],
): Promise<Answers> {
  return {
    id: await interview.ask(customerQuestion(given)),
    account: await interview.ask(accountQuestion(given)),
    organization: await interview.ask(organizationQuestion(given)),
    regions: await interview.ask(regionsQuestion(given)),
    destination: await interview.ask(destinationQuestion(given, destinations)),
  };
}

function customerQuestion({ customer }: GivenAnswers): Question<string> {
  return {
    text: 'Customer id (a-z, 0-9, -)',
    option: '--customer ID',
    given: customer?.join(','),
    read(written) {
      const { success, data } = identifier.safeParse(written);
      return success
        ? answer(data)
        : wrong('must be 1 to 63 small letters, digits and hyphens, such as acme');
    },
  };
}

function accountQuestion({ account }: GivenAnswers): Question<string> {
  return {
    text: 'AWS account where the findings arrive',
    option: '--account ID',
    given: account,
    read(written) {
      const { success, data } = accountId.safeParse(written);
      if (success) return answer(data, data === written ? undefined : data);
      const cut = /^\d{9,11}$/.test(written)
        ? `; a spreadsheet may have cut zeros: ${written.padStart(12, '0')}?`
        : '';
      return wrong(`must have 12 digits${cut}`);
    },
  };
}

function organizationQuestion({ organization }: GivenAnswers): Question<boolean> {
  return {
    text: 'Is it the GuardDuty administrator of others?',
    option: '--organization',
    given: organization === undefined ? undefined : organization ? 'yes' : 'no',
    usual: 'no',
    read(written) {
      if (/^y(es)?$/i.test(written)) return answer(true);
      return /^no?$/i.test(written) ? answer(false) : wrong('must be yes or no');
    },
  };
}

function regionsQuestion({ regions }: GivenAnswers): Question<Answers['regions']> {
  return {
    text: 'Regions: enabled, all, or a list',
    option: '--regions',
    given: regions,
    usual: 'enabled',
    read(written) {
      if (written === 'enabled' || written === 'all') return answer(written);
      const names = written.split(/[\s,]+/).filter((name) => name !== '');
      const stranger = names.find((name) => !findRegion(name)?.guardduty);
      if (names.length === 0) return wrong('must be enabled, all, or names of regions');
      return stranger === undefined ? answer(names) : wrong(`names ${stranger}, where there is no GuardDuty`);
    },
  };
}

function destinationQuestion({ dest }: GivenAnswers, ids: readonly string[]): Question<DestinationChoice> {
  const [first] = ids;
  return {
    text: first === undefined ? 'SIEM, as a URL' : 'SIEM, as a URL or the id of a destination',
    option: '--dest URL',
    given: dest,
    ...(first !== undefined && { usual: first }),
    read(written) {
      if (ids.includes(written)) return answer(written);
      const recognized = destinationFromUrl(written);
      if (recognized.kind === 'unknown') return wrong(recognized.why);
      return answer(recognized.destination, recognized.destination.product);
    },
  };
}

function answer<Answer>(value: Answer, echo?: string): Read<Answer> {
  return { kind: 'answer', answer: value, ...(echo !== undefined && { echo }) };
}

function wrong(why: string): Read<never> {
  return { kind: 'wrong', why };
}
