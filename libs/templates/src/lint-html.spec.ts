import type { TemplateFile } from '#core';
import { lintHtml } from './lint-html.js';

const lint = (source: string, markup: TemplateFile['markup'] = 'handlebars') =>
  lintHtml({ path: 'p', channel: 'email', part: 'html', locale: null, style: null, markup, source }).map(
    ({ code, place }) => [code.slice('template/'.length), place.line, place.column],
  );

describe('what a reader of a mail stumbles over', () => {
  it('is said at its place', () => {
    expect(lint('Hi\n <a href="http://shop.test/">x</a>')).toEqual([['insecure-link', 2, 2]]);
    expect(lint('Hi <img src="https://x.test/a.png">')).toEqual([['image-alt', 1, 4]]);
    expect(lint('Hi {{#if a}}é{{/if}}<img src="http://x.test/a.png" alt="">')).toEqual([['insecure-link', 1, 21]]);
    expect(lint('<style>b { }</style><img src="{{start.image "x"}}" alt="{{start.name}}">')).toEqual([
      ['no-text', 1, 1],
    ]);
    expect(lint(`Hi ${'x'.repeat(103_000)}`)).toEqual([['clipped', 1, 1]]);
    expect(lint('<mj-image src="https://x.test/a.png" />', 'mjml')).toEqual([['image-alt', 1, 1]]);
  });

  it('is nothing in a mail that is right', () => {
    expect(
      lint('<a href="{{start.url}}">Hi</a><img src="https://x.test/a.png" alt=""><a href="mailto:a@x.test">y</a>'),
    ).toEqual([]);
  });
});
