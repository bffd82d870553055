import { isIP } from 'node:net';

import { EXIT, GuardrelayError } from '../model/error.ts';
import { withinNetworks } from '../model/network.ts';
import { basicAuthorization, type ProxyChoice, type ProxyServer } from '../model/proxy.ts';
import { hostOf, portOf } from '../model/url.ts';
import type { Environment } from './environment.ts';

/**
 * What HTTPS_PROXY, HTTP_PROXY and NO_PROXY say; the lower-case name of each goes before the upper-case one.
 * This machine itself is never reached through a proxy.
 */
export function proxiesFrom(env: Environment): ProxyChoice {
  const secure = serverIn('https_proxy', env);
  const clear = serverIn('http_proxy', env);
  const rules = [...HERE, ...(variable('no_proxy', env) ?? '').split(/[\s,]+/)].map(ruleOf);
  return (url) => {
    const server = url.protocol === 'https:' ? secure : clear;
    return server && rules.some((matches) => matches(url)) ? undefined : server;
  };
}

const HERE = ['localhost', '127.0.0.0/8', '::1'];

/** An empty variable counts as absent. */
function variable(name: string, env: Environment): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}

function serverIn(name: string, env: Environment): ProxyServer | undefined {
  const written = variable(name, env);
  if (written === undefined) return undefined;
  const url = URL.parse(written.includes('://') ? written : `http://${written}`);
  if (!url || !/^https?:$/.test(url.protocol)) throw unfit(name);
  const { username, password } = url;
  return {
    host: hostOf(url),
    port: portOf(url),
    secure: url.protocol === 'https:',
    ...((username || password) && {
      authorization: basicAuthorization(decoded(username), decoded(password)),
    }),
  };
}

/** A stray percent sign is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The value may hold a password, so it is not repeated. */
function unfit(name: string): GuardrelayError {
  const message = `The environment variable ${name.toUpperCase()} (or ${name}) is not the URL of an HTTP proxy`;
  return new GuardrelayError('CFG-001', message, {
    exitCode: EXIT.usage,
    fix: 'Set it to a URL such as http://proxy.example.com:3128, or unset it.',
  });
}

type Rule = (url: URL) => boolean;

const PORT = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/;

/** One entry of NO_PROXY: `*`, a name with all below it, an address or a block of them; each perhaps with a port. */
function ruleOf(entry: string): Rule {
  const [, bracketed, bare, port] = PORT.exec(entry) ?? [];
  const matches = hostRule((bracketed ?? bare ?? entry).toLowerCase());
  return (url) => (port === undefined || Number(port) === portOf(url)) && matches(hostOf(url));
}

function hostRule(text: string): (host: string) => boolean {
  if (text === '*') return () => true;
  const [address = ''] = text.split('/');
  if (isIP(address) !== 0) return withinNetworks([text]);
  const name = bareName(text.replace(/^\*?\./, ''));
  return (written) => {
    const host = bareName(written);
    return name !== '' && (host === name || host.endsWith(`.${name}`));
  };
}

/** `example.com.` is `example.com`. */
function bareName(name: string): string {
  return name.replace(/\.$/, '');
}
