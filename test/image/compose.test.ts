import { readFile } from 'node:fs/promises';

import t from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';

import { parseConfig } from '../../agent/config/parse.ts';

const folder = new URL('../../config/', import.meta.url);

const compose = z.object({
  services: z.object({
    agent: z.object({
      read_only: z.boolean(),
      cap_drop: z.array(z.string()),
      security_opt: z.array(z.string()),
      environment: z.array(z.string()),
      secrets: z.array(z.string()),
      volumes: z.array(z.string()),
      command: z.array(z.string()),
    }),
    rsyslog: z.object({}),
  }),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

async function read(file: string): Promise<string> {
  return await readFile(new URL(file, folder), 'utf8');
}

async function readCompose() {
  return compose.parse(parse(await read('compose.yaml')));
}

/** `source:target[:ro]` */
function targetsOf(volumes: readonly string[]): readonly string[] {
  return volumes.map((volume) => volume.split(':')[1] ?? '');
}

t.test('compose runs the agent with nothing that it can do without', async (t) => {
  const { agent } = (await readCompose()).services;

  const writable = agent.volumes.filter((volume) => !volume.endsWith(':ro'));

  t.equal(agent.read_only, true);
  t.same(agent.cap_drop, ['ALL']);
  t.same(agent.security_opt, ['no-new-privileges:true']);
  t.same(targetsOf(writable), ['/var/lib/guardrelay']);
});

t.test('compose holds no secret: it passes names on and mounts files', async (t) => {
  const { services, secrets } = await readCompose();

  for (const variable of services.agent.environment) t.match(variable, /^AWS_[A-Z_]+$/);
  t.same(Object.keys(secrets), services.agent.secrets);
  for (const { file } of Object.values(secrets)) t.match(file, /^\$\{\w+:\?.+\}$/, 'asks for the file');
});

t.test('the configuration beside it is valid and fits it', async (t) => {
  const { agent } = (await readCompose()).services;
  const mounts = targetsOf(agent.volumes);

  const parsed = parseConfig(await read('compose/guardrelay.yaml'), {});

  t.match(parsed, {
    kind: 'valid',
    config: {
      customers: [{ auth: { type: 'assumeRole', externalId: 'file:/run/secrets/acme-external-id' } }],
      destinations: [{ host: 'rsyslog', port: 6514, tls: { caFile: '/etc/guardrelay/certificates/ca.pem' } }],
    },
  });
  t.same(agent.secrets, ['acme-external-id']);
  t.match(await read('compose/rsyslog/rsyslog.conf'), 'input(type="imtcp" port="6514"');
  t.ok(mounts.includes('/etc/guardrelay/certificates'), 'the authority is mounted');
  t.ok(mounts.includes(agent.command.at(-1) ?? ''), 'and the file itself, where it is asked for');
});
