import { emitKeypressEvents } from 'node:readline';
import type { ReadStream } from 'node:tty';

/** A key as people call it: `q`, `?`, `up`, `escape`. */
type Pressed = (key: string) => void;

interface Keypress {
  readonly name?: string;
  readonly sequence?: string;
  readonly ctrl?: boolean;
}

/** Tells of single keys until it is disposed, which leaves the terminal as it was. Ctrl-C interrupts as ever. */
export function readKeys(stdin: ReadStream, pressed: Pressed): Disposable {
  function hear(text: string | undefined, { name, sequence, ctrl }: Keypress): void {
    if (ctrl && name === 'c') process.kill(process.pid, 'SIGINT');
    else if (!ctrl) pressed(text !== undefined && text >= ' ' ? text : (name ?? sequence ?? ''));
  }
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on('keypress', hear).resume();
  return {
    [Symbol.dispose]() {
      stdin.off('keypress', hear).pause();
      stdin.setRawMode(false);
    },
  };
}
