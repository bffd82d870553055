import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that a test started, and must stop. */
export interface Child {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** What it wrote so far. */
  stdout(): string;
  stderr(): string;
  running(): boolean;
  signal(name: NodeJS.Signals): void;
  /** Signals, wakes it if it was stopped, and waits for its end. */
  end(name: NodeJS.Signals): Promise<Exit>;
}

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The whole environment but PATH and HOME: the test runner's own never reaches the program. */
  readonly env?: Readonly<Record<string, string>>;
  /** All that it can read from stdin. */
  readonly input?: string;
}

export async function startChild({ command, args, cwd, env = {}, input = '' }: Command): Promise<Child> {
  const inherited = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...inherited, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  // It may end without having read its input.
  child.stdin.on('error', () => {}).end(input);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const exited = exitOf(child);
  await once(child, 'spawn');
  const running = (): boolean => child.exitCode === null && child.signalCode === null;

  return {
    pid: child.pid ?? 0,
    exited,
    stdout,
    stderr,
    running,
    signal: (name) => void child.kill(name),
    async end(name) {
      child.kill(name);
      child.kill('SIGCONT');
      return exited;
    },
  };
}

export interface Ran extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

export async function runChild(command: Command): Promise<Ran> {
  const child = await startChild(command);
  const exit = await child.exited;
  return { ...exit, stdout: child.stdout(), stderr: child.stderr() };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}
