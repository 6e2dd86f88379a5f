import type { FieldTable } from '../reading/fields.js';
import { CAP } from './caps.js';
import { OPERATORS } from './comparison.js';
import { condition } from './condition.js';
import { historyFields } from './history.js';
import { EVENT_OCCASION, EVENT_START, INACTIVE_START } from './occasion.js';
import { SCOPES } from './path.js';
import { PROVIDERS } from './providers.js';
import { QUIET_HOURS } from './quiet-hours.js';
import { RULE } from './rule.js';
import { SEND } from './send.js';
import { CATEGORY, SETTINGS } from './settings.js';
import { BESIDE_IF, BESIDE_WAIT_FOR, WAIT_FOR } from './steps.js';

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

/** Every key of the language by the place where it stands: read from the tables that read the files. */
export function languageKeys(): { readonly [place: string]: readonly LanguageKey[] } {
  return {
    rule: keysOf(RULE),
    start: keysOf(EVENT_START),
    'inactive start': keysOf(INACTIVE_START),
    occasion: keysOf(EVENT_OCCASION),
    send: keysOf(SEND),
    'wait for': keysOf(WAIT_FOR),
    'beside wait for': keysOf(BESIDE_WAIT_FOR),
    'beside if': keysOf(BESIDE_IF),
    'has done': keysOf(historyFields(SCOPES.run, condition)),
    operators: Object.entries(OPERATORS).map(([key, { takes, doc }]) => ({
      key,
      takes,
      required: false,
      default: null,
      doc,
    })),
    settings: keysOf(SETTINGS),
    category: keysOf(CATEGORY),
    cap: keysOf(CAP),
    'quiet hours': keysOf(QUIET_HOURS),
    'provider smtp': keysOf(PROVIDERS.smtp),
    'provider webhook': keysOf(PROVIDERS.webhook),
    'provider file': keysOf(PROVIDERS.file),
  };
}

function keysOf(table: FieldTable): readonly LanguageKey[] {
  return Object.entries(table).flatMap(([key, field]) => {
    if (field.presence === 'not yet' || field.presence === 'elsewhere') return [];
    const required = field.presence === 'required';
    const written = field.presence === 'default' ? field.written : null;
    return [{ key, takes: field.reader.type, required, default: written, doc: field.doc }];
  });
}
