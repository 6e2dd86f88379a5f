import type { PublishedRuleset } from '#engine';
import { previewLines, previewPublication } from './preview-publication.js';

const file = (path: string, text: string) => ({ path, bytes: Buffer.from(text) });
const published = (...files: ReturnType<typeof file>[]): PublishedRuleset => ({
  number: 1,
  publishedAt: 0,
  publishedBy: 'ann',
  files,
  versions: {},
  stopped: [],
});

describe('the preview of a publication', () => {
  const before = published(
    file('kairos.yaml', 'a'),
    file('rules/cart.yaml', 'a'),
    file('rules/care.yaml', 'a'),
    file('rules/same.yaml', 'a'),
    file('templates/t/email.hbs', 'a'),
  );
  const after = [
    file('kairos.yaml', 'b'),
    file('rules/cart.yaml', 'b'),
    file('rules/same.yaml', 'a'),
    file('rules/new.yaml', 'a'),
    file('rules/new.test.yaml', 'a'),
    file('templates/t/email.hbs', 'a'),
    file('templates/t/subject.hbs', 'a'),
    file('templates/u/email.hbs', 'a'),
    file('notes.txt', 'a'),
  ];
  const preview = previewPublication(
    before,
    after,
    new Map([
      ['cart', 2],
      ['care', 1],
      ['same', 9],
    ]),
  );

  it('names the rules that come, change and go, with the runs that this concerns', () => {
    expect(preview.rules).toEqual([
      { rule: 'care', change: 'removed', runs: 1 },
      { rule: 'cart', change: 'changed', runs: 2 },
      { rule: 'new', change: 'added', runs: 0 },
    ]);
  });

  it('names settings and templates, and nothing that is not published', () => {
    expect(preview.others).toEqual([
      { what: 'kairos.yaml', change: 'changed' },
      { what: 'template t', change: 'changed' },
      { what: 'template u', change: 'added' },
    ]);
  });

  it('says what becomes of the runs of a removed rule', () => {
    expect(previewLines(preview, 'finish')[0]).toBe(
      '  - rule care removed: 1 run under way go on to their end (--removed stop would end them)',
    );
    expect(previewLines(preview, 'stop')[0]).toBe(
      '  - rule care removed: 1 run under way end, what they planned is withdrawn (--removed stop)',
    );
    expect(previewLines(preview, 'finish')[1]).toBe(
      '  ~ rule cart changed: 2 runs under way keep the version they began with',
    );
  });
});
