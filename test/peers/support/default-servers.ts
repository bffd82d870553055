import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { z } from 'zod';

import { type Child, startChild } from './child.ts';
import { readLines } from './lines.ts';
import { freePort, untilListening } from './ports.ts';
import { until } from './until.ts';

/** A real syslog server with the limits it comes with, which writes what it made of each message into one file per input. */
interface DefaultServer<Input extends string> {
  readonly ports: Readonly<Record<Input, number>>;
  /** Waits until an input has taken this many messages, ends the server and returns all that it has written. */
  taken(input: Input, count: number): Promise<readonly TakenMessage[]>;
}

/** Where a server writes, by file name. */
type At = (name: string) => string;

interface Plan<Input extends string> {
  readonly ports: Readonly<Record<Input, number>>;
  /** One of the ports, which accepts connections when the server is ready. */
  readonly readyPort: number;
  configuration(at: At): readonly string[];
  start(configFile: string, at: At): Promise<Child>;
}

async function startServer<Input extends string>(t: Test, plan: Plan<Input>): Promise<DefaultServer<Input>> {
  // Not deeper: the path of syslog-ng's control socket must be short.
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
  const at: At = (name) => join(directory, name);
  await writeFile(at('conf'), plan.configuration(at).join('\n'));
  const child = await plan.start(at('conf'), at);
  await untilListening(plan.readyPort);
  t.teardown(async () => {
    await child.end('SIGTERM');
    await rm(directory, { recursive: true });
  });
  return {
    ports: plan.ports,
    async taken(input, count) {
      const file = at(`${input}.log`);
      const arrived = async () => (await readLines(file)).length >= count;
      // Messages that are missing are for the caller to see.
      await until(`${count} messages`, arrived, { timeoutMs: 5_000 }).catch(() => {});
      await child.end('SIGTERM');
      return (await readLines(file)).map((line) => takenMessage.parse(JSON.parse(line)));
    },
  };
}

const takenMessage = z.object({
  time: z.string(),
  host: z.string(),
  /** APP-NAME or TAG. */
  app: z.string(),
  id: z.string().optional(),
  text: z.string(),
  /** As syslog-ng calls structured data. */
  _SDATA: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});
type TakenMessage = z.output<typeof takenMessage>;

const RSYSLOG_PROPERTIES = { host: 'hostname', app: 'app-name', id: 'msgid', text: 'msg' };

/** `settings`: of its `global()`. */
export async function startDefaultRsyslogd(t: Test, settings = ''): Promise<DefaultServer<'tcp' | 'udp'>> {
  const ports = { tcp: await freePort(), udp: await freePort() };
  const properties = Object.entries(RSYSLOG_PROPERTIES).map(
    ([name, property]) => `property(outname="${name}" name="${property}" format="jsonf")`,
  );
  const input = (name: 'tcp' | 'udp', at: At): readonly string[] => [
    `module(load="im${name}")`,
    `ruleset(name="${name}") { action(type="omfile" file="${at(`${name}.log`)}" template="json") }`,
    `input(type="im${name}" address="127.0.0.1" port="${ports[name]}" ruleset="${name}")`,
  ];
  return startServer(t, {
    ports,
    readyPort: ports.tcp,
    configuration: (at) => [
      `global(workDirectory="${at('')}" net.enableDNS="off" ${settings})`,
      'template(name="json" type="list" option.jsonf="on") {',
      'property(outname="time" name="timestamp" dateFormat="rfc3339" format="jsonf")',
      ...properties,
      '}',
      ...input('udp', at),
      ...input('tcp', at),
      '',
    ],
    start: (configFile) => startChild({ command: 'rsyslogd', args: ['-n', '-f', configFile, '-iNONE'] }),
  });
}

/** Inputs: `syslog()` by TCP and UDP, and `network()` for RFC 5424 and for RFC 3164. */
export async function startDefaultSyslogNg(t: Test): Promise<DefaultServer<'octet' | 'lf' | 'bsd' | 'udp'>> {
  const ports = {
    octet: await freePort(),
    lf: await freePort(),
    bsd: await freePort(),
    udp: await freePort(),
  };
  const place = (port: number): string => `ip("127.0.0.1") port(${port})`;
  const drivers = {
    octet: `syslog(transport("tcp") ${place(ports.octet)})`,
    lf: `network(transport("tcp") flags(syslog-protocol) ${place(ports.lf)})`,
    bsd: `network(transport("tcp") ${place(ports.bsd)})`,
    udp: `syslog(transport("udp") ${place(ports.udp)})`,
  };
  const path = (input: string, driver: string, at: At): string =>
    `log { source { ${driver}; }; destination { file("${at(`${input}.log`)}" template(json)); }; };`;
  return startServer(t, {
    ports,
    readyPort: ports.octet,
    configuration: (at) => [
      '@version: 3.38',
      'options { keep-hostname(yes); use-dns(no); dns-cache(no); stats-freq(0); };',
      'template json { template("$(format-json time=$ISODATE host=$HOST app=$PROGRAM id=$MSGID text=$MESSAGE --key .SDATA.*)\\n"); template-escape(no); };',
      ...Object.entries(drivers).map(([input, driver]) => path(input, driver, at)),
      '',
    ],
    start: (configFile, at) => {
      const ownFiles = ['-R', at('persist'), '-p', at('pid'), '-c', at('control')];
      return startChild({
        command: 'syslog-ng',
        args: ['--foreground', '--no-caps', '-f', configFile, ...ownFiles],
      });
    },
  });
}
