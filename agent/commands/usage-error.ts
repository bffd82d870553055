import { closest } from '../config/closest.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';

/** Every `--name` of a help text. */
function optionNames(help: string): ReadonlySet<string> {
  return new Set(help.matchAll(/--([a-z][a-z-]*)/g).map(([, name = '']) => name));
}

function aboutUnknown(names: string, help: string): string {
  const known = optionNames(help);
  return names
    .split(', ')
    .map((name) => {
      const meant = closest(name, known);
      return `Unknown argument ${name}${meant === undefined ? '.' : `; did you mean --${meant}?`}`;
    })
    .join(' ');
}

/** What is wrong with the command line, in our words; `message` is that of yargs, `help` the text for this command. */
export function usageError(message: string, help: string): GuardrelayError {
  const unknown = /^Unknown arguments?: (.+)$/.exec(message)?.[1];
  // yargs names a command, and one below it, twice if its builder was asynchronous.
  const usage = (help.split('\n', 1)[0] ?? '').replace(/ [<[].*$/, '').replace(/ (\S+(?: \S+)*) \1$/, ' $1');
  return new GuardrelayError('CLI-001', unknown === undefined ? message : aboutUnknown(unknown, help), {
    exitCode: EXIT.usage,
    fix: `See: ${usage} --help`,
  });
}
