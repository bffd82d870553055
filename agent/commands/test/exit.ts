import { EXIT, type ExitCode } from '../../model/error.ts';
import type { Passage, TestStep, TimedStep } from './steps.ts';

/** How a test ends, by what was seen of every record; without any, its time was over before. */
export function testExit(steps: readonly TimedStep[], strict: boolean): ExitCode {
  if (steps.length === 0) return EXIT.timeout;
  const byPassage = Map.groupBy<Passage, TimedStep>(steps, ({ passage }) => passage);
  const codes = [...byPassage.values()].map((each) => passageExit(each.map(({ step }) => step)));
  const bad = codes.filter((code) => code !== EXIT.done && code !== EXIT.attention);
  const [first] = bad;
  if (first !== undefined) return bad.length < codes.length ? EXIT.partly : first;
  return strict && codes.includes(EXIT.attention) ? EXIT.attention : EXIT.done;
}

/** The first that went wrong; `attention`: nothing did, and not everything is proved. */
function passageExit(steps: readonly TestStep[]): ExitCode {
  const codes = steps.map(stepExit);
  const isBad = (code: ExitCode): boolean => code !== EXIT.done && code !== EXIT.attention;
  return codes.find(isBad) ?? codes.find((code) => code === EXIT.attention) ?? EXIT.done;
}

function stepExit(step: TestStep): ExitCode {
  switch (step.kind) {
    case 'sent':
    case 'stored':
    case 'acknowledged':
    case 'found':
      return EXIT.done;
    case 'unverified':
    case 'unwanted':
      return EXIT.attention;
    case 'failed':
      return step.isRefusal ? EXIT.refused : EXIT.unhealthy;
    case 'late':
      return EXIT.timeout;
  }
}
