import { decodeEngagement, encodeEngagement } from './engagement-codec.js';
import { EngagementRecord } from './engagement.js';

const DAY = 86_400_000;
const sent = (id: string, channel: string, time: number) => ({
  name: 'Message Sent',
  time,
  properties: { message_id: id, template: 't', rule: 'r', channel },
});
const answered = (name: string, time: number, properties: { readonly [name: string]: string | boolean }) => ({
  name,
  time,
  properties,
});

describe('engagement', () => {
  it('counts received and answered messages by channel, with the latest answer', () => {
    const record = new EngagementRecord();
    record.note(sent('1', 'email', 0));
    record.note(sent('2', 'email', DAY));
    record.note(sent('3', 'push', DAY));
    record.note(answered('Message Opened', 2 * DAY, { message_id: '1' }));
    record.note(answered('Message Clicked', 2 * DAY + 1, { message_id: '1' }));
    expect(record.at(3 * DAY)).toEqual([
      { channel: 'email', received: 2, interacted: 1, latest: 2 * DAY + 1 },
      { channel: 'push', received: 1, interacted: 0, latest: DAY },
    ]);
  });

  it('leaves out what machines open, and messages of 90 days ago', () => {
    const record = new EngagementRecord();
    record.note(sent('1', 'email', 0));
    record.note(answered('Message Opened', 1, { message_id: '1', machine: true }));
    expect(record.at(90 * DAY - 1)).toEqual([{ channel: 'email', received: 1, interacted: 0, latest: 0 }]);
    expect(record.at(90 * DAY)).toEqual([]);
  });

  it('believes an answer without a known id to mean the latest message of that description', () => {
    const record = new EngagementRecord();
    record.note(sent('1', 'email', 0));
    record.note(sent('2', 'push', 1));
    record.note(sent('3', 'sms', 2));
    record.note(answered('Message Replied', 3, { template: 't', channel: 'push' }));
    record.note(answered('Message Opened', 4, { message_id: 'unknown', template: 't' }));
    record.note(answered('Message Opened', 5, { message_id: 'unknown', template: 'other' }));
    expect(record.at(DAY)).toEqual([
      { channel: 'email', received: 1, interacted: 0, latest: 0 },
      { channel: 'push', received: 1, interacted: 1, latest: 3 },
      { channel: 'sms', received: 1, interacted: 1, latest: 4 },
    ]);
  });

  it('is kept by ids, each channel of a message once, and never more than 512', () => {
    const record = new EngagementRecord();
    for (let n = 0; n < 700; n++) record.received(`message ${n}`, 'email', n * 100);
    record.received('message 699', 'push', 300_000);
    record.received('message 699', 'push', 300_000);
    record.answered('message 699', null, 400_000);
    record.answered('message 699', 'email', 400_001);
    record.answered('message 0', null, 400_002);
    const kept = decodeEngagement(encodeEngagement(record));
    expect(kept.messages).toEqual(record.messages);
    expect(kept.changed).toBe(false);
    expect(kept.at(DAY)).toEqual([
      { channel: 'email', received: 511, interacted: 1, latest: 400_001 },
      { channel: 'push', received: 1, interacted: 1, latest: 400_000 },
    ]);
    expect(encodeEngagement(record).length).toBeLessThan(512 * 20);
    kept.answered('message 699', null, 1);
    expect(kept.changed).toBe(false);
  });
});
