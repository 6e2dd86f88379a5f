import type { HttpResponse } from '../http.js';

/** A page is its own: it loads nothing, is framed by nobody, and its address (which is the right to act) goes nowhere. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
};

export interface HtmlPage {
  readonly language: string;
  readonly title: string;
  /** Markup inside of `main`, below the title. */
  readonly body: string;
  /** Markup above the title. */
  readonly before?: string;
}

export function sendPage(response: HttpResponse, status: number, page: HtmlPage): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  response.status(status).type('text/html').send(htmlPage(page));
}

/** A whole page that works without JavaScript and loads nothing. */
function htmlPage({ language, title, body, before = '' }: HtmlPage): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>${before}<h1>${escapeHtml(title)}</h1>${body}</main></body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2733; --soft: #55616d; --paper: #fff; --ground: #f3f5f7; --line: #d5dbe1; --accent: #0b6e6e; --on-accent: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #a4b0bc; --paper: #1b232c; --ground: #12181e; --line: #37434f; --accent: #2fb3b3; --on-accent: #10191c; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink); font: 18px/1.5 system-ui, sans-serif; }
main { width: calc(100% - 2rem); max-width: 36rem; margin: 1rem; padding: 2rem; background: var(--paper); border-radius: 12px; }
h1 { margin: 0 0 .5rem; font-size: 1.4rem; }
.shop { margin: 0 0 .25rem; color: var(--soft); }
.note { margin: .25rem 0 0; color: var(--soft); font-size: .9rem; }
.told { margin: 1rem 0; padding: .6rem 1rem; border-left: 4px solid var(--accent); background: var(--ground); }
.told.wrong { border-color: #c0392b; }
fieldset { margin: 1.5rem 0 0; padding: 1rem 0 0; border: 0; border-top: 1px solid var(--line); min-width: 0; }
legend { float: left; width: 100%; padding: 0; font-weight: 600; }
legend + * { clear: both; }
.choices { display: flex; flex-wrap: wrap; gap: .15rem 1.5rem; }
.choices.down { flex-direction: column; }
label { display: inline-flex; align-items: center; gap: .5rem; min-height: 2.4rem; cursor: pointer; }
input[type=checkbox], input[type=radio] { width: 1.15rem; height: 1.15rem; margin: 0; flex: none; accent-color: var(--accent); }
input[type=time] { font: inherit; padding: .25rem .5rem; border: 1px solid var(--soft); border-radius: 6px; background: var(--paper); color: var(--ink); }
button { font: inherit; padding: .6rem 1.4rem; border: 0; border-radius: 8px; background: var(--accent); color: var(--on-accent); cursor: pointer; }
form > button { margin-top: 1.75rem; }
a { color: var(--accent); }
:is(button, input, a):focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
`;

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The first language of Accept-Language that is among these; quality values decide, ties keep their order. */
export function preferredLanguage(header: unknown, known: readonly string[], otherwise: string): string {
  const wanted = (typeof header === 'string' ? header : '')
    .slice(0, 200)
    .split(',')
    .map((part) => {
      const [tag = '', quality] = part.trim().split(/\s*;\s*q=/i);
      return {
        language: tag.split('-', 1)[0]!.toLowerCase(),
        quality: quality === undefined ? 1 : Number(quality) || 0,
      };
    })
    .filter(({ language, quality }) => quality > 0 && known.includes(language))
    .sort((a, b) => b.quality - a.quality);
  return wanted[0]?.language ?? otherwise;
}
