import { RefusalLog } from './refusal-log.js';

describe('the log of refused events', () => {
  let now = 0;
  let lines: object[] = [];
  let log: RefusalLog;
  beforeEach(() => {
    now = 1_000_000;
    lines = [];
    const warn = (_: string, fields?: object): void => void lines.push(fields!);
    log = new RefusalLog({ info: warn, warn, error: warn }, { now: () => now, at: (ms) => ms });
  });
  const missing = { field: 'userId', reason: 'is missing' };

  it('says each reason at once, then with how many there were since, every ten minutes at most', () => {
    log.note([missing, missing]);
    expect(lines).toEqual([{ ...missing, events: 2 }]);
    for (let n = 0; n < 5; n++) log.note([missing]);
    log.note([{ field: 'timestamp', reason: 'must be an instant' }]);
    expect(lines.slice(1)).toEqual([{ field: 'timestamp', reason: 'must be an instant', events: 1 }]);
    now += 10 * 60_000;
    log.note([missing]);
    expect(lines.slice(2)).toEqual([{ ...missing, events: 6 }]);
  });

  it('says what waits with the next refusal of any kind', () => {
    log.note([missing]);
    log.note([missing]);
    now += 10 * 60_000;
    log.note([{ field: 'event', reason: 'is missing' }]);
    expect(lines.slice(1)).toEqual([
      { ...missing, events: 1 },
      { field: 'event', reason: 'is missing', events: 1 },
    ]);
  });

  it('repeats nothing that the client has made up', () => {
    log.note([
      { field: 'ann@shop.test', reason: 'is nested deeper than 64 levels' },
      { field: 'context.consent.categoryPreferences.ann@shop.test', reason: 'must be true' },
      { field: 'userIdOfAnn', reason: 'must be a text' },
      { field: '', reason: 'is 40001 bytes long as JSON; 32768 are allowed' },
      { field: '', reason: 'is 40002 bytes long as JSON; 32768 are allowed' },
    ]);
    expect(lines).toEqual([
      { field: 'a field that is no part of a call', reason: 'is nested deeper than 64 levels', events: 1 },
      { field: 'context.consent.categoryPreferences', reason: 'must be true', events: 1 },
      { field: 'a field that is no part of a call', reason: 'must be a text', events: 1 },
      { field: 'the event itself', reason: 'is too many bytes long as JSON; 32768 are allowed', events: 2 },
    ]);
  });

  it('keeps a bounded number of reasons', () => {
    for (let n = 0; n < 1_000; n++) log.note([{ field: 'properties', reason: `reason ${n}` }]);
    expect(lines).toHaveLength(201);
  });
});
