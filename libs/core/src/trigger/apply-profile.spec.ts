import { newCustomerState, traitsOf } from '../customer/customer-state.js';
import { readEvent } from '../event/read-event.js';
import { applyProfile } from './apply-profile.js';
import { noEffects } from './effects.js';

describe('traits of a call', () => {
  it('whose names begin with $ are left out, and the others count', () => {
    const state = newCustomerState('ann');
    const traits = { $set: { plan: 'gold' }, $push_tokens: ['stolen'], plan: 'silver' };
    const read = readEvent(
      { type: 'identify', userId: 'ann', traits },
      { append: 1, fallbackId: 'e1', historical: false },
    );
    if (!read.ok) throw new Error(read.reason);
    expect(applyProfile(state, read.event, noEffects())).toBe(true);
    expect(traitsOf(state)).toEqual({ plan: 'silver' });
  });
});
