/** Every helper a template may call, beside `#if`, `#unless`, `#each` and `#with`. The code is in worker/template-helpers.mjs. */
export interface HelperShape {
  /** Positional arguments. */
  readonly least: number;
  readonly most: number;
  /** How it is written, for messages and the reference. */
  readonly usage: string;
  /** Its arguments may be missing. */
  readonly lenient: boolean;
  /** Also what many call a property: without arguments it is that value, not a call. */
  readonly alsoName?: true;
}

export const INLINE_HELPERS: { readonly [name: string]: HelperShape } = {
  money: { least: 1, most: 2, usage: '{{money start.price "EUR"}}', lenient: false },
  date: { least: 1, most: 2, usage: '{{date start.timestamp "short"}}', lenient: false },
  plural: { least: 1, most: 1, usage: '{{plural starts.length one="# thing" other="# things"}}', lenient: false },
  list: { least: 1, most: 1, usage: '{{list starts property="name"}}', lenient: false },
  number: { least: 1, most: 1, usage: '{{number customer.points}}', lenient: false },
  truncate: { least: 2, most: 2, usage: '{{truncate start.name 40}}', lenient: false },
  url: { least: 1, most: 1, usage: '{{url start.url utm_source="mail"}}', lenient: false, alsoName: true },
  default: { least: 2, most: 2, usage: '{{default customer.name "friend"}}', lenient: true },
  lookup: { least: 2, most: 2, usage: '{{lookup shop start.brand}}', lenient: true },
};

export const BLOCK_HELPERS: readonly string[] = ['if', 'unless', 'each', 'with'];
