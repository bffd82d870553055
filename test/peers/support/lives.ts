import { join } from 'node:path';

import { readStore } from '../../../agent/commands/store/read-store.ts';
import type { Agent, Scene } from './agent.ts';
import { type ArrivalLog, followArrivals } from './arrivals.ts';
import type { Child, Ran } from './child.ts';
import { hexadecimal, type LogGroup } from './log-group.ts';
import { eventIdOf } from './message.ts';
import type { Stage } from './stage.ts';

/** The lives of one agent, which ships to rsyslogd by TCP. Each record tells which life has sent it. */
export interface Lives {
  /** What has arrived, by the ids of the findings. */
  readonly log: ArrivalLog;
  /** Begins the next life, for the test to end. */
  start(): Promise<Child>;
  /** A whole life: until everything is read. */
  runOnce(): Promise<Ran>;
  /** What the store of an agent that has ended says is finished: never to be sent again. */
  noteFinished(): Promise<number>;
  /** The findings that were noted as finished, and that a later life sent all the same. */
  sentAgain(): Promise<readonly string[]>;
}

interface LivesSetup {
  readonly stage: Stage;
  readonly scene: Scene;
  readonly group: Pick<LogGroup, 'findingIds'>;
  readonly settleMs: number;
}

const SENDER = /^<\d{1,3}>1 \S+ life-(\d+) /;

/** The life that sent a message, and the finding in it. */
function senderAndId(message: string): string {
  const life = SENDER.exec(message)?.[1];
  if (life === undefined) throw new Error(`no life has sent this: ${message.slice(0, 100)}`);
  return `${life} ${eventIdOf(message)}`;
}

export function followLives({ stage, scene, group, settleMs }: LivesSetup): Lives {
  const file = stage.rsyslogd.file('tcp');
  const log = followArrivals(file, eventIdOf);
  /** By the name of an event in the store: the last life that may have sent it. */
  const lastLife = new Map<string, number>();
  let life = 0;

  function nextAgent(): Promise<Agent> {
    life += 1;
    return stage.agentFor(scene, [stage.syslog('tcp', { settleMs, hostname: `life-${life}` })]);
  }

  return {
    log,
    start: async () => (await nextAgent()).start('run'),
    runOnce: async () => (await nextAgent()).run('run', '--once'),
    async noteFinished() {
      const keys = await finishedKeys(join(stage.agentDirectory, 'state'));
      for (const key of keys) if (!lastLife.has(key)) lastLife.set(key, life);
      return keys.length;
    },
    async sentAgain() {
      const ids = await group.findingIds();
      const allowed = new Map([...lastLife].map(([key, last]) => [ids.get(key), last]));
      const sent = followArrivals(file, senderAndId);
      await sent.readOn();
      return [...sent.arrivals.keys()].filter((one) => {
        const [by, id] = one.split(' ');
        return Number(by) > (allowed.get(id) ?? Infinity);
      });
    },
  };
}

/** In hexadecimal. */
function finishedKeys(dataDir: string): Promise<readonly string[]> {
  return readStore(dataDir, async (store) => {
    const keys: string[] = [];
    for await (const { finished } of store.snapshot()) {
      for await (const { key } of finished) keys.push(hexadecimal(key));
    }
    return keys;
  });
}
