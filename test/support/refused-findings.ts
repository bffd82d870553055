import { join } from 'node:path';
import type { Test } from 'tap';

import { insert, linesOf, type Scene, setScene } from './agent-cli.ts';
import type { WebhookReceiver, WebhookRequest } from './webhook-receiver.ts';

const BAD = /"f-[37]"/;

/** As a receiver whose mapping does not fit some findings. */
export function refusing(bad: RegExp): WebhookReceiver['answer'] {
  return ({ text }: WebhookRequest) =>
    bad.test(text) ? { status: 400, body: 'mapper_parsing_exception' } : { status: 200 };
}

/** An agent has run, and two of ten findings stand in quarantine. */
export async function refuseTwo(t: Test): Promise<Scene> {
  const scene = await setScene(t);
  scene.siem.answer = refusing(BAD);
  insert(scene.aws, 'eu-west-1', 10);
  insert(scene.aws, 'us-east-1', 0);
  const ran = await scene.guardrelay('run', '--once');
  if (ran.code !== 0) throw new Error(ran.stderr);
  scene.siem.requests.length = 0;
  return scene;
}

/** What `quarantine list --json` says. */
export async function listed({ guardrelay }: Pick<Scene, 'guardrelay'>, ...args: readonly string[]) {
  const { code, stdout, stderr } = await guardrelay('quarantine', 'list', '--json', ...args);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The quarantine file of the scene's SIEM. */
export function fileOf({ cwd }: Scene): string {
  return join(cwd, 'state', 'quarantine', 'siem.ndjson');
}

/** Of the records that hold these findings. */
export async function idsWith(
  { guardrelay }: Scene,
  findings: readonly string[],
): Promise<readonly string[]> {
  const { stdout } = await guardrelay('quarantine', 'export');
  const lines = stdout.split('\n');
  return findings.map((finding) => JSON.parse(lines.find((line) => line.includes(finding)) ?? '').id);
}

/** Ids of the findings that the SIEM got. */
export function findingsAt({ siem }: Pick<Scene, 'siem'>): readonly string[] {
  return linesOf(siem).map((line) => /"id":"(f-\d+)"/.exec(line)?.[1] ?? line);
}
