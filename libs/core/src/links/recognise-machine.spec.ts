import { isMachine, isTooSoon } from './recognise-machine.js';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148';
const GMAIL = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';
const asks = (
  agent: string | undefined,
  headers: object = {},
  method = 'GET',
  kind: 'opened' | 'clicked' = 'clicked',
) => isMachine({ kind, method, headers: { ...(agent === undefined ? {} : { 'user-agent': agent }), ...headers } });

describe('who asks for a link or a picture', () => {
  it.each([CHROME, IPHONE, GMAIL, 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html'])(
    'is a person: %s',
    (agent) => expect([asks(agent), asks(agent, {}, 'GET', 'opened')]).toEqual([false, false]),
  );

  it.each([
    undefined,
    '',
    'curl/8.4.0',
    'python-requests/2.31.0',
    'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
    'Barracuda Sentinel (EE)',
    'WhatsApp/2.23.20.0',
    'TelegramBot (like TwitterBot)',
    'Mozilla/5.0 (X11; Linux x64) HeadlessChrome/131.0.0.0 Safari/537.36',
    'Microsoft Office Existence Discovery',
  ])('is a program: %s', (agent) => expect(asks(agent)).toBe(true));

  it('is a program that fetches ahead, or only looks whether something is there', () => {
    for (const headers of [
      { 'sec-purpose': 'prefetch;prerender' },
      { purpose: 'prefetch' },
      { 'x-moz': 'prefetch' },
      { 'x-purpose': 'preview' },
    ])
      expect(asks(CHROME, headers)).toBe(true);
    expect(asks(CHROME, {}, 'HEAD')).toBe(true);
  });

  it('is a proxy that opens everything at delivery, which says nothing about clicks', () => {
    expect(asks('Mozilla/5.0', {}, 'GET', 'opened')).toBe(true);
    expect(asks('Mozilla/5.0', {}, 'GET', 'clicked')).toBe(false);
  });

  it('is no person within three seconds of the delivery, or before it', () => {
    expect([isTooSoon(1_000, 3_999), isTooSoon(1_000, 4_000), isTooSoon(null, 9), isTooSoon(5_000, 1_000)]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});
