import type { FieldTable } from '../reading/fields.js';
import { CAP } from './caps.js';
import { OPERATORS } from './comparison.js';
import { condition } from './condition.js';
import { historyFields } from './history.js';
import { EVENT_OCCASION } from './occasion.js';
import { SCOPES } from './path.js';
import { PROVIDERS } from './providers.js';
import { QUIET_HOURS } from './quiet-hours.js';
import { ruleTable } from './rule.js';
import { sendTable } from './send.js';
import { CATEGORY, SETTINGS } from './settings.js';
import { DATE_START, eventStart, EVERY_START, inactiveStart, itemStart } from './start.js';
import { ANY_CONTEXT } from './step-context.js';
import { stepsIn } from './steps.js';
import { besideIf } from './branches.js';
import { besideWaitFor, waitFor } from './wait.js';

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
    rule: keysOf(ruleTable(ANY_CONTEXT)),
    start: keysOf(eventStart(null)),
    'inactive start': keysOf(inactiveStart(null)),
    'date start': keysOf(DATE_START),
    'every start': keysOf(EVERY_START),
    'item event start': keysOf(itemStart(null)),
    occasion: keysOf(EVENT_OCCASION),
    send: keysOf(sendTable(SCOPES.run)),
    'wait for': keysOf(waitFor(SCOPES.run)),
    'beside wait for': keysOf(besideWaitFor(stepsIn(ANY_CONTEXT), stepsIn(ANY_CONTEXT))),
    'beside if': keysOf(besideIf(stepsIn(ANY_CONTEXT))),
    'has done': keysOf(historyFields(SCOPES.run, condition, null)),
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
