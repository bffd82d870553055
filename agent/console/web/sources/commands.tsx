import type { SourceAnswer } from '../../view/answers.ts';
import { CopyButton } from '../parts/copy-button.tsx';

/** What can be done with a source, for a terminal. */
export function Commands({ source: { customer, region } }: { readonly source: SourceAnswer }) {
  const place = `--customer ${customer} --region ${region}`;
  const commands = [
    { name: 'Prove the whole way now', command: `guardrelay test ${place}` },
    {
      name: 'Send the last hour of the customer again',
      command: `guardrelay replay --customer ${customer} --from 1h`,
    },
    { name: 'Look for causes', command: `guardrelay doctor ${place}` },
    { name: 'Follow its records', command: `guardrelay tail ${place}` },
  ];
  return (
    <section class="panel" aria-labelledby="commands">
      <h2 id="commands">What to run</h2>
      <dl class="commands">
        {commands.map(({ name, command }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{command}</code> <CopyButton text={command} name={`Copy ${command}`} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
