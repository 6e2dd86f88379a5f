/** What is known of a request for a link or a picture of a message. Header names in small letters. */
export interface LinkRequest {
  readonly kind: 'opened' | 'clicked';
  readonly method: string;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
}

/** Says who asks, when it is a program and says so. Providers of filters for mail, link previews of messengers, libraries. */
const PROGRAMS =
  /bot\b|bot[\/;)]|crawl|spider|slurp|preview|scanner|monitor|headless|phantomjs|puppeteer|playwright|curl\/|wget|python|java\/|go-http|okhttp|apache-http|libwww|node-fetch|undici|axios|facebookexternalhit|whatsapp|skypeuri|barracuda|mimecast|proofpoint|symantec|messagelabs|trendmicro|forcepoint|fireeye|sophos|cloudmark|safelinks|microsoft office existence|google-safety|iframely|embedly/i;
/** Mail Privacy Protection fetches every picture at delivery, with nothing but this. */
const APPLE_PROXY = /^mozilla\/5\.0$/i;
const AHEAD = /prefetch|preview|prerender/i;

/**
 * Whether a program asks, not a person: it does not say who it is, says that it is one, fetches ahead of a person, or
 * only looks whether something is there. A proxy that fetches when the person opens the mail (Gmail, Yahoo) is the person.
 */
export function isMachine({ kind, method, headers }: LinkRequest): boolean {
  const header = (name: string): string => {
    const value = headers[name];
    return typeof value === 'string' ? value : (value ?? []).join(' ');
  };
  if (method !== 'GET') return true;
  if (['purpose', 'sec-purpose', 'x-purpose', 'x-moz'].some((name) => AHEAD.test(header(name)))) return true;
  const agent = header('user-agent').trim();
  if (agent === '' || PROGRAMS.test(agent)) return true;
  return kind === 'opened' && APPLE_PROXY.test(agent);
}

/** Nobody reads that fast: filters open and follow everything the moment a mail comes in. */
const TOO_SOON_MS = 3_000;

/** @param sentAt when the message was accepted, ms; null: it has not left yet, or that is not written down yet */
export function isTooSoon(sentAt: number | null, at: number): boolean {
  return sentAt === null || at - sentAt < TOO_SOON_MS;
}
