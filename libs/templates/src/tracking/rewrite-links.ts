import { Tokenizer } from 'htmlparser2';

/** A link of a page: where its address stands, without quotes, and what it is. */
interface FoundLink {
  readonly from: number;
  readonly to: number;
  readonly address: string;
}

/**
 * `html` with other addresses in its links (`a` and `area`), everything else as it was; what `rewrite` gives null for
 * stays, and so do links with the attribute `data-tracking="off"`.
 */
export function rewriteLinks(html: string, rewrite: (address: string) => string | null): string {
  let result = '';
  let done = 0;
  for (const { from, to, address } of findLinks(html)) {
    const other = rewrite(address);
    if (other === null) continue;
    result += html.slice(done, from) + other.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    done = to;
  }
  return result + html.slice(done);
}

function findLinks(html: string): readonly FoundLink[] {
  const links: FoundLink[] = [];
  let link: FoundLink | null = null;
  let isLink = false;
  let isOff = false;
  let name = '';
  let value = '';
  let nameEnd = 0;
  const endTag = (): void => {
    if (link !== null && !isOff) links.push(link);
    link = null;
  };
  const nothing = (): void => undefined;
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      onopentagname(start, end) {
        isLink = /^(?:a|area)$/i.test(html.slice(start, end));
        isOff = false;
        link = null;
      },
      onattribname(start, end) {
        name = html.slice(start, end).toLowerCase();
        nameEnd = end;
        value = '';
      },
      onattribdata: (start, end) => void (value += html.slice(start, end)),
      onattribentity: (codepoint) => void (value += String.fromCodePoint(codepoint)),
      onattribend(quote, end) {
        if (!isLink) return;
        if (name === 'data-tracking') isOff = value.trim().toLowerCase() === 'off';
        // The end lies behind the closing quote. 0: no value; 1: without quotes, where what is written in its place might need them.
        if (name === 'href' && link === null && quote > 1)
          link = { from: valueStart(html, nameEnd), to: end - 1, address: value };
      },
      onopentagend: endTag,
      onselfclosingtag: endTag,
      onclosetag: nothing,
      oncomment: nothing,
      oncdata: nothing,
      ondeclaration: nothing,
      onprocessinginstruction: nothing,
      ontext: nothing,
      ontextentity: nothing,
      onend: nothing,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return links;
}

/** Behind the quote that follows the name. */
function valueStart(html: string, nameEnd: number): number {
  let at = nameEnd;
  while (html[at] !== '"' && html[at] !== "'") at++;
  return at + 1;
}
