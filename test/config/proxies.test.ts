import t from 'tap';

import { proxiesFrom } from '../../agent/config/proxies.ts';
import { basicAuthorization } from '../../agent/model/proxy.ts';

const SIEM = 'https://siem.example.com/in';
const PROXY = 'http://proxy.example.com:3128';

function hostFor(env: Record<string, string>, url = SIEM): string | undefined {
  return proxiesFrom(env)(new URL(url))?.host;
}

t.test('46 https and http have a variable each, and the lower-case one goes first', (t) => {
  const rows: readonly (readonly [Record<string, string>, string, string | undefined])[] = [
    [{}, SIEM, undefined],
    [{ HTTPS_PROXY: 'http://upper' }, SIEM, 'upper'],
    [{ HTTPS_PROXY: 'http://upper', https_proxy: 'http://lower' }, SIEM, 'lower'],
    [{ HTTPS_PROXY: 'http://upper', https_proxy: '' }, SIEM, 'upper'],
    [{ HTTP_PROXY: 'http://clear' }, SIEM, undefined],
    [{ HTTP_PROXY: 'http://clear', HTTPS_PROXY: 'http://s' }, 'http://siem.example.com/', 'clear'],
  ];

  for (const [env, url, host] of rows) t.equal(hostFor(env, url), host, JSON.stringify([env, url]));
  t.end();
});

t.test('46 a proxy has a port, credentials and perhaps TLS', (t) => {
  const rows: readonly (readonly [string, object])[] = [
    ['proxy.example.com:3128', { host: 'proxy.example.com', port: 3128, secure: false }],
    ['http://proxy.example.com', { host: 'proxy.example.com', port: 80, secure: false }],
    ['https://proxy.example.com/', { host: 'proxy.example.com', port: 443, secure: true }],
    ['http://[fd00::1]:8080', { host: 'fd00::1', port: 8080, secure: false }],
    [
      'http://me:p%40ss@proxy.example.com:3128',
      {
        host: 'proxy.example.com',
        port: 3128,
        secure: false,
        authorization: basicAuthorization('me', 'p@ss'),
      },
    ],
    [
      'http://me:100%@p:1',
      { host: 'p', port: 1, secure: false, authorization: basicAuthorization('me', '100%') },
    ],
  ];

  for (const [value, server] of rows)
    t.same(proxiesFrom({ HTTPS_PROXY: value })(new URL(SIEM)), server, value);
  t.end();
});

const exemptions: readonly (readonly [noProxy: string, url: string, isExempt: boolean])[] = [
  ['*', SIEM, true],
  ['siem.example.com', SIEM, true],
  ['SIEM.example.com.', SIEM, true],
  ['example.com', SIEM, true],
  ['.example.com', SIEM, true],
  ['*.example.com', SIEM, true],
  ['ample.com', SIEM, false],
  ['other.example.com, siem.example.com', SIEM, true],
  ['other.example.com siem.example.com', SIEM, true],
  ['siem.example.com:443', SIEM, true],
  ['siem.example.com:8443', SIEM, false],
  ['siem.example.com:8443', 'https://siem.example.com:8443/', true],
  ['*:8443', SIEM, false],
  ['10.1.2.3', 'https://10.1.2.3/', true],
  ['10.0.0.0/8', 'https://10.1.2.3/', true],
  ['10.0.0.0/8', 'https://11.1.2.3/', false],
  ['10.0.0.0/8:8443', 'https://10.1.2.3/', false],
  ['10.0.0.0/99', 'https://10.1.2.3/', false],
  ['fd00::/8', 'https://[fd00::7]/', true],
  ['[fd00::7]:443', 'https://[fd00::7]/', true],
  ['10.0.0.0/8', SIEM, false],
  [',', SIEM, false],
  ['', 'https://127.0.0.1/', true],
  ['', 'https://[::1]/', true],
  ['', 'https://localhost/', true],
];
for (const [noProxy, url, isExempt] of exemptions) {
  t.test(`46 NO_PROXY "${noProxy}" ${isExempt ? 'exempts' : 'does not exempt'} ${url}`, async (t) => {
    const host = hostFor({ HTTPS_PROXY: PROXY, NO_PROXY: noProxy }, url);

    t.equal(host, isExempt ? undefined : 'proxy.example.com');
  });
}

t.test('46 what is no URL of an HTTP proxy is a mistake, and its password is not repeated', (t) => {
  for (const value of ['socks5://me:hidden@proxy:1080', 'http://me:hidden@']) {
    t.throws(() => proxiesFrom({ https_proxy: value }), {
      code: 'CFG-001',
      exitCode: 2,
      message: /^(?!.*hidden).*HTTPS_PROXY/,
    });
  }
  t.end();
});
