import type { FieldTable } from '../reading/fields.js';
import { ACTIVE } from './active.js';
import { emit, pause, UNSUBSCRIBE, webhook } from './actions.js';
import { besideIf, repeat, splitBranch } from './branches.js';
import { CAP } from './caps.js';
import { OPERATORS } from './comparison.js';
import { COMPUTED_KEYS } from './computed.js';
import { condition, CONDITION_WORDS } from './condition.js';
import { EVENTS } from './events.js';
import { historyFields } from './history.js';
import { MESSAGE_HISTORY } from './message-history.js';
import { EVENT_OCCASION, MESSAGE_OCCASIONS, SEGMENT_OCCASIONS } from './occasion.js';
import { SCOPES } from './path.js';
import { DKIM, PROVIDERS } from './providers.js';
import { QUIET_HOURS } from './quiet-hours.js';
import { ruleTable } from './rule.js';
import { SEGMENTS } from './segments.js';
import { FALLBACK, sendTable } from './send.js';
import { CATEGORY, SETTINGS, TRACKING } from './settings.js';
import { DATE_START, eventStart, EVERY_START, inactiveStart, itemStart } from './start.js';
import { ANY_CONTEXT } from './step-context.js';
import { STEP_WORDS, stepsIn } from './steps.js';
import { besideWaitFor, besideWaitUntil, waitFor, waitUntil } from './wait.js';
import { WEBHOOK } from './webhooks.js';

/** One key or operator, in the words of the reference. */
export interface LanguageKey {
  readonly key: string;
  /** What stands behind it: `DURATION`, `list of steps`. */
  readonly takes: string;
  readonly required: boolean;
  /** As it would be written; null: nothing. */
  readonly default: string | null;
  readonly doc: string;
}

const STEPS = stepsIn(ANY_CONTEXT);

/** Every map of the language by the place where it stands: the tables that read the files. */
export const LANGUAGE_TABLES = {
  rule: ruleTable(ANY_CONTEXT),
  active: ACTIVE,
  start: eventStart(null),
  'inactive start': inactiveStart(null),
  'date start': DATE_START,
  'every start': EVERY_START,
  'item event start': itemStart(null),
  occasion: EVENT_OCCASION,
  'segment occasion': { ...SEGMENT_OCCASIONS.enters, ...SEGMENT_OCCASIONS.leaves },
  'message occasion': Object.assign({}, ...Object.values(MESSAGE_OCCASIONS)) as FieldTable,
  'wait for': waitFor(SCOPES.run),
  'beside wait for': besideWaitFor(STEPS, STEPS),
  'wait until': waitUntil(SCOPES.run),
  'beside wait until': besideWaitUntil(STEPS),
  'beside if': besideIf(STEPS),
  send: sendTable(SCOPES.run),
  fallback: FALLBACK,
  'split branch': splitBranch(STEPS),
  repeat: repeat(STEPS, condition(SCOPES.run)),
  emit: emit(SCOPES.run),
  'webhook step': webhook(SCOPES.run),
  pause: pause(SCOPES.run),
  unsubscribe: UNSUBSCRIBE,
  'has done': historyFields(SCOPES.run, condition, null),
  'has received': MESSAGE_HISTORY,
  segments: SEGMENTS,
  computed: COMPUTED_KEYS,
  settings: SETTINGS,
  category: CATEGORY,
  cap: CAP,
  'quiet hours': QUIET_HOURS,
  tracking: TRACKING,
  dkim: DKIM,
  webhook: WEBHOOK,
  'provider smtp': PROVIDERS.smtp,
  'provider webhook': PROVIDERS.webhook,
  'provider twilio': PROVIDERS.twilio,
  'provider telegram': PROVIDERS.telegram,
  'provider whatsapp': PROVIDERS.whatsapp,
  'provider viber': PROVIDERS.viber,
  'provider fcm': PROVIDERS.fcm,
  'provider web-push': PROVIDERS['web-push'],
  'provider inbox': PROVIDERS.inbox,
  'provider file': PROVIDERS.file,
  events: EVENTS,
} as const satisfies { readonly [place: string]: FieldTable };

/** Maps of which exactly one key must be there, so that none of them must. */
const CHOICES: readonly string[] = ['segment occasion', 'message occasion'];

/** Every key of the language by the place where it stands: read from the tables that read the files. */
export function languageKeys(): { readonly [place: string]: readonly LanguageKey[] } {
  const tables = Object.entries<FieldTable>(LANGUAGE_TABLES).map(([place, table]) => {
    const keys = keysOf(table);
    return [place, CHOICES.includes(place) ? keys.map((key) => ({ ...key, required: false })) : keys] as const;
  });
  return {
    ...Object.fromEntries(tables),
    step: wordsOf(STEP_WORDS),
    condition: wordsOf(CONDITION_WORDS),
    operators: wordsOf(OPERATORS),
  };
}

function wordsOf(words: { readonly [word: string]: { readonly takes: string; readonly doc: string } }) {
  return Object.entries(words).map(([key, { takes, doc }]) => ({ key, takes, required: false, default: null, doc }));
}

function keysOf(table: FieldTable): readonly LanguageKey[] {
  return Object.entries(table).flatMap(([key, field]) => {
    if (field.presence === 'elsewhere') return [];
    const required = field.presence === 'required';
    const written = field.presence === 'default' ? field.written : null;
    return [{ key, takes: field.reader.type, required, default: written, doc: field.doc }];
  });
}
