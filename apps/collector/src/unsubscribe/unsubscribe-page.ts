export type UnsubscribePage = 'ask' | 'done' | 'unknown' | 'unavailable';

interface Words {
  readonly title: string;
  readonly ask: (category: string) => string;
  readonly button: string;
  readonly done: (category: string) => string;
  readonly unknown: string;
  readonly unavailable: string;
}

const WORDS: { readonly [language: string]: Words } = {
  en: {
    title: 'Unsubscribe',
    ask: (category) => `Do you no longer want messages of the kind “${category}” on this channel?`,
    button: 'Unsubscribe',
    done: (category) => `Done. You will get no more messages of the kind “${category}” on this channel.`,
    unknown: 'This link is incomplete or too old. Please use the link of a newer message.',
    unavailable: 'That did not work just now. Please try again in a minute.',
  },
  de: {
    title: 'Abmelden',
    ask: (category) => `Möchten Sie auf diesem Weg keine Nachrichten der Art „${category}“ mehr bekommen?`,
    button: 'Abmelden',
    done: (category) => `Erledigt. Sie bekommen auf diesem Weg keine Nachrichten der Art „${category}“ mehr.`,
    unknown: 'Dieser Link ist unvollständig oder zu alt. Bitte nehmen Sie den Link einer neueren Nachricht.',
    unavailable: 'Das hat gerade nicht geklappt. Bitte versuchen Sie es in einer Minute noch einmal.',
  },
};

/** A whole page that works without JavaScript and loads nothing. @param accept value of Accept-Language */
export function unsubscribePage(page: UnsubscribePage, accept: string, category: string | null): string {
  const language = preferred(accept);
  const words = WORDS[language]!;
  const kind = escapeHtml(category ?? '');
  const sentence = page === 'ask' ? words.ask(kind) : page === 'done' ? words.done(kind) : words[page];
  const form = page === 'ask' ? `<form method="post"><button type="submit">${words.button}</button></form>` : '';
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${words.title}</title>
<style>
:root { color-scheme: light dark; --ink: #1d2733; --paper: #fff; --ground: #f3f5f7; --accent: #0b6e6e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --paper: #1b232c; --ground: #12181e; --accent: #2fb3b3; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink); font: 18px/1.5 system-ui, sans-serif; }
main { max-width: 26rem; margin: 1rem; padding: 2rem; background: var(--paper); border-radius: 12px; }
h1 { margin: 0 0 .5rem; font-size: 1.4rem; }
button { font: inherit; padding: .6rem 1.4rem; border: 0; border-radius: 8px; background: var(--accent); color: var(--paper); cursor: pointer; }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
</style>
</head>
<body><main><h1>${words.title}</h1><p>${sentence}</p>${form}</main></body>
</html>
`;
}

/** The first language of the header that there are words for; quality values decide, ties keep their order. */
function preferred(accept: string): string {
  const wanted = accept
    .split(',')
    .map((part) => {
      const [tag = '', quality] = part.trim().split(/\s*;\s*q=/i);
      return {
        language: tag.split('-', 1)[0]!.toLowerCase(),
        quality: quality === undefined ? 1 : Number(quality) || 0,
      };
    })
    .filter(({ language, quality }) => quality > 0 && Object.hasOwn(WORDS, language))
    .sort((a, b) => b.quality - a.quality);
  return wanted[0]?.language ?? 'en';
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
