import { jest } from '@jest/globals';
import { TrafficUnderWay } from './send-traffic.js';
import { scheduledIds, type ScheduledCall, type Visit } from './traffic.js';

/** Two calls in each ms, the first after ten. */
function visitOf(customer: string, calls: number): Visit {
  const call = (at: number, made: number): ScheduledCall => ({
    at,
    happened: at,
    call: { type: 'track', event: 'Coupon Shown', userId: customer, messageId: `${customer}.${made}` },
    misplaced: false,
  });
  return { customer, by: 'http', calls: Array.from({ length: calls }, (_, made) => call(10 + (made >> 1), made)) };
}

describe('traffic under way', () => {
  afterEach(() => jest.restoreAllMocks());

  it('is every call once, in the order of the schedule, however the clock goes on while it is looked at', async () => {
    const visit = visitOf('ann', 300);
    // A machine that is so busy that a millisecond passes between any two looks at the clock.
    let clock = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => clock++);
    const sent: string[] = [];
    const send = (calls: readonly { readonly messageId: string }[]): Promise<void> => {
      sent.push(...calls.map(({ messageId }) => messageId));
      return Promise.resolve();
    };
    const traffic = new TrafficUnderWay([{ client: { send, close: () => Promise.resolve() }, visits: [visit] }]);
    await traffic.done;
    expect(sent).toEqual(scheduledIds([visit]));
    expect(traffic.input.map(({ messageId }) => messageId)).toEqual(sent);
  });
});
