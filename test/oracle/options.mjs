// What the arguments of a case ask of a simulation.
import { parseArgs } from 'node:util';

/** { assumeConsent, from, to }: instants in milliseconds, undefined where nothing is said. */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: { 'assume-consent': { type: 'boolean' }, from: { type: 'string' }, to: { type: 'string' } },
  });
  const instant = (text) => (text === undefined ? undefined : Date.parse(text));
  return { assumeConsent: values['assume-consent'] ?? false, from: instant(values.from), to: instant(values.to) };
}
