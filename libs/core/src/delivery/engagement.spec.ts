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

  it('believes an answer without an id to mean the latest message of that description, and no other by a foreign id', () => {
    const record = new EngagementRecord();
    record.note(sent('1', 'email', 0));
    record.note(sent('2', 'push', 1));
    record.note(answered('Message Replied', 2, { template: 't' }));
    record.note(answered('Message Opened', 3, { message_id: 'unknown', template: 't' }));
    expect(record.at(DAY)).toEqual([
      { channel: 'email', received: 1, interacted: 0, latest: 0 },
      { channel: 'push', received: 1, interacted: 1, latest: 2 },
    ]);
  });
});
