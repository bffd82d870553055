import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import type { GlobalOptions } from '../global-options.ts';

const positional = {
  shell: { choices: ['bash', 'zsh', 'fish'], demandOption: true, describe: 'The shell that is to complete' },
} as const satisfies Record<string, Options>;

type CompletionOptions = GlobalOptions & InferredOptionTypes<typeof positional>;

export function builder(yargs: Argv<GlobalOptions>): Argv<CompletionOptions> {
  return yargs
    .positional('shell', positional.shell)
    .example('source <(guardrelay completion bash)', 'In ~/.bashrc')
    .example('source <(guardrelay completion zsh)', 'In ~/.zshrc, after compinit')
    .example('guardrelay completion fish | source', 'In ~/.config/fish/config.fish');
}

export async function handler({ shell }: ArgumentsCamelCase<CompletionOptions>): Promise<void> {
  const { completionScript } = await import('./scripts.ts');
  process.stdout.write(completionScript(shell));
}
