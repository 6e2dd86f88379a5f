import { workspaceOf } from '../fixtures/workspace-of.js';
import { CustomerExplainer } from './explain-customer.js';

const WEEKLY = workspaceOf(
  {
    weekly:
      'category: care\nstart: { every: friday, at: "16:00" }\nwho: { customer.city: Berlin }\nsteps: [{ send: news }]',
  },
  ['news'],
);
const call = (timestamp: string, more: object) => ({ userId: 'ann', timestamp, ...more });
const seen = (timestamp: string) => call(timestamp, { type: 'track', event: 'Page Seen' });

/** Fridays are the 6th, 13th, 20th and 27th. */
function storyOf(...calls: readonly object[]): readonly string[] {
  const explainer = new CustomerExplainer({
    workspace: WEEKLY,
    customer: 'ann',
    rule: null,
    at: null,
    assumeConsent: true,
  });
  calls.forEach((each, index) => explainer.line(each, `line ${index}`));
  return explainer
    .finish()!
    .story.filter(({ kind }) => kind === 'run')
    .map(({ clock, sentence }) => `${clock} ${sentence}`);
}

describe('the story of a customer', () => {
  it('tells once what the calendar refuses each week for the same reason, and again what it refuses for another', () => {
    const city = call('2026-03-21T09:00:00Z', { type: 'identify', traits: { city: 'Rome' } });
    expect(storyOf(seen('2026-03-02T09:00:00Z'), city, seen('2026-03-30T09:00:00Z'))).toEqual([
      'Fri 6 Mar 2026 16:00:00 the passing of time started nothing: who_false, customer.city is missing (and 2 times more, at last Fri 20 Mar 2026 16:00:00)',
      'Fri 27 Mar 2026 16:00:00 the passing of time started nothing: who_false, customer.city is "Rome", not "Berlin"',
    ]);
  });
});
