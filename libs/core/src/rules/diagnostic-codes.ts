/**
 * Every code a diagnostic can have, with the sentence the reference shows. Codes are stable: people filter by them.
 * Codes of shape exist once for each kind of file: `rule/unknown-field`, `settings/unknown-field`, `test/unknown-field`.
 */
const SHAPE = {
  'unknown-field': 'A key that does not exist here.',
  'missing-field': 'A key that must be there is not.',
  'wrong-type': 'A map, a list or a single value was expected, and something else stands there.',
  'one-of': 'Exactly one of several keys must be there.',
} as const;

const OTHERS = {
  'file/missing': 'The workspace has no kairos.yaml.',
  'file/no-rules': 'The workspace has no rules.',
  'file/empty': 'The file has nothing in it.',
  'file/too-large': 'The file is larger than 256 KB.',
  'file/encoding': 'The file is not UTF-8.',
  'file/control-character': 'The file holds a character that is not text.',
  'file/overlooked': 'A file that looks like part of the workspace but lies or is called so that it would not be read.',
  'file/more': 'More than 20 problems in one file; the others are counted.',

  'yaml/syntax': 'The file is not YAML.',
  'yaml/tab': 'A line is indented with a tab.',
  'yaml/blank': 'A line is indented with blanks that are no spaces.',
  'yaml/dash': 'A list item begins with a typographic dash instead of a hyphen.',
  'yaml/unclosed': 'A quote or bracket is opened and never closed.',
  'yaml/unopened': 'A bracket is closed that was not opened.',
  'yaml/duplicate-key': 'A map has the same key twice.',
  'yaml/key': 'A key of a map is not a plain text.',
  'yaml/no-colon': 'An entry of a map in braces has no colon.',
  'yaml/alias': 'Anchors (&) and aliases (*) are not allowed.',
  'yaml/merge': 'Merge keys (<<) are not allowed.',
  'yaml/tag': 'Tags (!) are not allowed.',
  'yaml/directive': 'Directives (%) are not allowed.',
  'yaml/documents': 'A file holds one document.',
  'yaml/too-deep': 'More than 64 levels of maps and lists.',
  'yaml/too-many-entries': 'More than 1,000 entries in one map or list.',
  'yaml/too-many-tokens': 'More than 20,000 tokens in one file.',

  'value/empty': 'A key or list item without a value.',
  'value/text': 'A text was expected.',
  'value/too-long': 'A text is longer than allowed.',
  'value/comment': 'A text is cut off by `#`, which begins a comment.',
  'value/comma': 'A comma in a name that was perhaps meant as a list.',
  'value/typographic': 'A quote or dash of a word processor where YAML needs the plain one.',
  'value/number': 'A number was expected.',
  'value/decimal-comma': 'A number is written with a decimal comma.',
  'value/number-too-long': 'A number has more digits than a number can keep.',
  'value/leading-zero': 'A number begins with zeros, which are lost.',
  'value/whole-number': 'A whole number was expected.',
  'value/range': 'A number is outside the allowed range.',
  'value/truth': '`true` or `false` was expected.',
  'value/not-allowed': 'A value that is not one of those allowed.',
  'value/repeated': 'A value stands in a list twice.',
  'value/list-length': 'A list has too few or too many entries.',
  'value/name': 'Names are small letters, digits and hyphens, beginning with a letter, at most 64.',
  'value/duration': 'A duration was expected.',
  'value/duration-unit': 'A duration has no unit, or a unit that does not exist.',
  'value/duration-zero': 'A duration is zero.',
  'value/duration-range': 'A duration is longer than allowed.',
  'value/duration-of-customer': 'A duration of a customer stands where there is none, or is not an `average gap`.',
  'value/moment': 'A moment was expected.',
  'value/as-name': 'A name given by `as` is small letters, digits and underscores, and none that means something else.',
  'value/shares': 'The shares of a split or of variants do not make 100%.',
  'value/percent': 'A percentage was expected.',
  'value/percent-sign': 'A percentage has no percent sign.',
  'value/percent-range': 'A percentage is below 0% or over 100%.',
  'value/time': 'A time of day was expected.',
  'value/time-quotes': 'A time of day stands without quotes.',
  'value/date': 'A date or an instant was expected, or it does not exist.',
  'value/not-a-date': 'A path to a date leads to something else.',
  'value/lookalike': 'A name holds letters of another alphabet or blanks that only look like the plain ones.',
  'value/time-zone': 'A time zone that does not exist.',
  'value/locale': 'A locale that is not a BCP 47 tag.',
  'value/url': 'An address was expected.',
  'value/environment-variable': 'The name of an environment variable was expected.',
  'value/rate': 'A rate was expected.',

  'path/syntax': 'A path is not written as a root and names joined by points.',
  'path/unknown-root': 'A path begins with something that is not known.',
  'path/not-here': 'A path that has no meaning at this place.',
  'path/forbidden-name': 'A path holds a name that is not allowed.',
  'path/unknown-name': 'A path names something that this root does not have.',

  'condition/empty': 'A condition that asks nothing.',
  'condition/unknown-operator': 'An operator that does not exist.',
  'condition/sign': 'A comparison is written with a sign instead of a word.',
  'condition/null': 'A comparison with nothing.',
  'condition/yes-no': '`yes`, `no`, `on`, `off` are texts in YAML 1.2.',
  'condition/pattern': 'A pattern that RE2 does not understand.',
  'condition/no-entry': "`dropped by` or `rose by` where there is no customer's entry to compare with.",
  'condition/impossible': 'A condition that can never hold.',

  'rule/file-name': 'The file of a rule is not called like the rule.',
  'rule/duplicate-name': 'Two rules have the same name.',
  'rule/unknown-category': 'A category that kairos.yaml does not have.',
  'rule/unknown-channel': 'A channel that kairos.yaml does not list.',
  'rule/unknown-segment': 'A segment that segments.yaml does not have.',
  'rule/unknown-webhook': 'A webhook that kairos.yaml does not have.',
  'rule/unknown-rule': 'A rule that the workspace does not have.',
  'rule/never-active': 'The days of `active` leave none on which something may start.',
  'rule/unknown-list': 'The list of an item event is no computed list of segments.yaml.',
  'rule/own-event': 'A rule emits an event that only Kairos itself sends.',
  'rule/triggers-itself': 'A rule can start itself, perhaps over other rules, and would do so for ever.',
  'rule/never-sent': 'Something is expected of a template that is not sent.',
  'rule/unknown-style': 'A style that no file of the template has.',
  'rule/set-computed': 'A `set` writes a computed attribute.',
  'rule/unknown-template': 'A template that does not exist.',
  'rule/template-channel': 'A template that has none of the channels, or not all of those chosen.',
  'rule/unreachable-step': 'A step that can never be reached.',
  'rule/too-many-rounds': 'Repeats inside repeats go round more than 1,000 times.',
  'rule/stop-every-key': 'A `stop` without `where` ends all runs of the customer, whatever the key.',

  'settings/unknown-category': 'A category that is not defined under `categories`.',
  'settings/unknown-channel': 'A channel that is not listed under `channels`.',
  'settings/cap-never-reached': 'A cap that can never be reached.',
  'settings/cap-short-window': 'A cap whose window is so short that messages are only postponed.',
  'settings/quiet-hours-empty': 'Quiet hours that begin and end at the same time.',
  'settings/no-provider': 'A channel without a provider.',
  'settings/provider-channel': 'A provider that cannot serve this channel.',
  'settings/secret-in-file': 'A secret stands in the workspace instead of the name of an environment variable.',

  'settings/control-group': 'A control group of a category that does not exist.',

  'segments/depends-on-itself': 'A segment or computed attribute depends on itself.',
  'events/unknown-event': 'An event that events.yaml does not list.',
  'events/unknown-property': 'A property that events.yaml does not list for this event.',

  'template/unknown-file': 'A file of a template folder that is called like none of the parts.',
  'template/name': 'A folder of a template whose name is not a name.',
  'template/empty': 'A template without any part that can be sent.',
  'template/duplicate': 'Two files of a template are the same part in the same locale.',
  'template/no-subject': 'An email template without a subject.',
  'template/no-body': 'An email template without a body.',
  'template/no-default-locale': 'A part of a template that does not exist in the default locale.',
  'template/locale-incomplete': 'An email whose parts do not exist in the same locales.',

  'test/moment': 'A moment of a test is not written as `+1d2h30m` or as an instant with a zone.',
  'test/unknown-rule': 'A rule that the workspace does not have.',
  'test/unknown-customer': 'A customer that the test file does not have.',
  'test/empty-expect': 'An empty `expect` without `explain`: a typo in an event name would pass.',
  'test/order': 'Expectations that are not ordered by time.',
  'test/no-holdout': 'A test puts customers into the holdout of a rule that has none.',
  'test/unknown-branch': 'A test chooses a branch or variant that the rule does not have.',
  'test/item-event': 'An event about a thing and one of a customer are confused, or it is about another thing.',
} as const;

export type FileKind = 'rule' | 'settings' | 'segments' | 'events' | 'test' | 'mapping';
type ShapeCode = `${FileKind}/${keyof typeof SHAPE}`;
export type DiagnosticCode = ShapeCode | keyof typeof OTHERS;
export type ShapeProblem = keyof typeof SHAPE;

/** Problems of shape that cannot occur in a kind of file: everything exists, nothing must be there, no key is a choice. */
const NEVER: { readonly [kind in FileKind]: readonly ShapeProblem[] } = {
  rule: [],
  settings: ['one-of'],
  segments: [],
  events: ['one-of', 'missing-field'],
  test: [],
  mapping: ['one-of'],
};

export function diagnosticCodes(): ReadonlyMap<DiagnosticCode, string> {
  const kinds = Object.keys(NEVER) as FileKind[];
  const shapes = kinds.flatMap((kind) =>
    Object.entries(SHAPE).flatMap(([name, sentence]) =>
      NEVER[kind].includes(name as ShapeProblem) ? [] : [[`${kind}/${name}`, sentence]],
    ),
  );
  return new Map([...shapes, ...Object.entries(OTHERS)] as [DiagnosticCode, string][]);
}
