import { createHmac } from 'node:crypto';
import { isFromTwilio, readTwilioStatus } from '../twilio/read-twilio-status.js';
import { isFromViber, readViberCallback } from '../viber/read-viber-callback.js';
import { isFromWhatsApp, readWhatsAppCallback } from '../whatsapp/read-whatsapp-callback.js';

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';

describe('what Twilio tells', () => {
  const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
  const form = {
    Digits: '1234',
    CallSid: 'CA1234567890ABCDE',
    To: '+18005551212',
    Caller: '+14158675309',
    From: '+14158675309',
  };
  const body = new URLSearchParams(form).toString();

  // Examples of Twilio's own documentation and libraries, with the auth token 12345.
  it('is known by the signature of its documentation', () => {
    expect(isFromTwilio({ url, body, signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' }, '12345')).toBe(true);
  });
  // Of twilio-csharp's tests: the same request, signed with and without a port.
  it.each([
    ['https://MyCompany.com/myapp.php?foo=1&bar=2', 'g9IN/x4Cft2g517EjYvEvM/W7LU='],
    ['https://MyCompany.com:1234/myapp.php?foo=1&bar=2', 'g9IN/x4Cft2g517EjYvEvM/W7LU='],
    ['https://mycompany.com:8443/myapp.php?foo=1&bar=2', 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
  ])('is known as %s', (spelt, signature) => {
    expect(isFromTwilio({ url: spelt, body, signature }, '12345')).toBe(true);
  });
  it('is known where a field comes more than once', () => {
    const twice = 'Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234';
    expect(isFromTwilio({ url, body: twice, signature: 'IK+Dwps556ElfBT0I3Rgjkr1wJU=' }, '12345')).toBe(true);
  });
  it.each([
    ['another address', { url: `${url}&more=1` }, '12345'],
    ['another field', { body: `${body}&Extra=1` }, '12345'],
    ['another value', { body: body.replace('1234&', '1235&') }, '12345'],
    ['another token', {}, '12346'],
    ['no signature', { signature: '' }, '12345'],
    ['half a signature', { signature: 'RSOYDt4T' }, '12345'],
  ])('is not believed with %s', (_, changed, token) => {
    expect(isFromTwilio({ url, body, signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=', ...changed }, token)).toBe(false);
  });

  it.each([
    ['MessageStatus=delivered', { kind: 'delivered', bounce: null }],
    ['SmsStatus=delivered', { kind: 'delivered' }],
    ['MessageStatus=read', { kind: 'opened' }],
    [
      'MessageStatus=undelivered&ErrorCode=30005',
      { kind: 'bounced', bounce: 'hard', isAddressDead: true, code: '30005' },
    ],
    ['MessageStatus=undelivered&ErrorCode=30006', { kind: 'bounced', bounce: 'hard', isAddressDead: true }],
    ['MessageStatus=failed&ErrorCode=21610', { kind: 'bounced', bounce: 'hard', isAddressDead: true }],
    ['MessageStatus=undelivered&ErrorCode=30007', { kind: 'bounced', bounce: 'hard', isAddressDead: false }],
    ['MessageStatus=undelivered&ErrorCode=30003', { kind: 'bounced', bounce: 'soft', isAddressDead: false }],
    ['MessageStatus=failed', { kind: 'bounced', bounce: 'hard', isAddressDead: false, code: null }],
  ])('%s', (status, said) => {
    expect(readTwilioStatus(`${status}&MessageSid=SM1`, ID)).toMatchObject({
      message: { id: ID },
      copyOf: 'SM1',
      ...said,
    });
  });
  it.each(['MessageStatus=sent', 'MessageStatus=queued', 'Body=Hello&From=%2B491701234567', ''])(
    '%s says nothing',
    (said) => {
      expect(readTwilioStatus(said, ID)).toBeNull();
    },
  );
});

describe('what WhatsApp tells', () => {
  const tell = (value: object) =>
    readWhatsAppCallback({ entry: [{ id: '1', changes: [{ field: 'messages', value }] }] });
  const status = (changes: object) =>
    tell({ statuses: [{ id: 'wamid.1', timestamp: '1772442000', recipient_id: '491701234567', ...changes }] });

  it('is known by its signature over the very bytes', () => {
    const body = Buffer.from('{"entry":[]}');
    const signature = `sha256=${createHmac('sha256', 'app').update(body).digest('hex')}`;
    expect(isFromWhatsApp(body, signature, 'app')).toBe(true);
    expect(isFromWhatsApp(body, signature.toUpperCase().replace('SHA', 'sha'), 'app')).toBe(true);
    expect(isFromWhatsApp(Buffer.from('{"entry": []}'), signature, 'app')).toBe(false);
    expect(isFromWhatsApp(body, signature, 'another')).toBe(false);
    expect(isFromWhatsApp(body, signature.slice('sha256='.length), 'app')).toBe(false);
    expect(isFromWhatsApp(body, '', 'app')).toBe(false);
  });
  it.each([
    [{ status: 'delivered' }, { kind: 'delivered', bounce: null }],
    [{ status: 'read' }, { kind: 'opened' }],
    [
      { status: 'failed', errors: [{ code: 131026 }] },
      { kind: 'bounced', bounce: 'hard', isAddressDead: true, code: '131026' },
    ],
    [
      { status: 'failed', errors: [{ code: 131047 }] },
      { kind: 'bounced', bounce: 'hard', isAddressDead: false },
    ],
    [
      { status: 'failed', errors: [{ code: 131049 }] },
      { kind: 'bounced', bounce: 'soft', isAddressDead: false },
    ],
    [{ status: 'failed' }, { kind: 'bounced', bounce: 'hard', code: null }],
  ])('%j', (said, report) => {
    const own = status({ ...said, biz_opaque_callback_data: ID });
    expect(own).toEqual([expect.objectContaining({ message: { id: ID }, at: 1_772_442_000_000, ...report })]);
    expect(status(said)).toEqual([expect.objectContaining({ message: { providerId: 'wamid.1' }, ...report })]);
  });
  it('a reply names the message it is an answer to', () => {
    const reply = {
      from: '491701234567',
      id: 'wamid.2',
      timestamp: '1772442000',
      context: { id: 'wamid.1' },
      type: 'text',
    };
    expect(tell({ messages: [reply, { ...reply, context: undefined }] })).toEqual([
      expect.objectContaining({ message: { providerId: 'wamid.1' }, kind: 'replied', copyOf: 'wamid.2' }),
    ]);
  });
  it.each([[null], ['text'], [{}], [{ entry: 1 }], [{ entry: [null] }], [{ entry: [{ changes: [{ value: 'x' }] }] }]])(
    '%j is passed over',
    (body) => expect(readWhatsAppCallback(body)).toEqual([]),
  );
  it('that it was sent says nothing', () => expect(status({ status: 'sent' })).toEqual([]));
});

describe('what Viber tells', () => {
  const body = (event: string) =>
    `{"event":"${event}","timestamp":1772442000123,"message_token":4912661846655238145,"user_id":"01="}`;

  it('is known by its signature', () => {
    const bytes = Buffer.from(body('delivered'));
    const signature = createHmac('sha256', 'token').update(bytes).digest('hex');
    expect(isFromViber(bytes, signature, 'token')).toBe(true);
    expect(isFromViber(Buffer.from(body('seen')), signature, 'token')).toBe(false);
    expect(isFromViber(bytes, signature, 'another')).toBe(false);
    expect(isFromViber(bytes, '', 'token')).toBe(false);
  });
  it.each([
    ['delivered', 'delivered', null],
    ['seen', 'opened', null],
    ['failed', 'bounced', 'hard'],
  ])('%s means %s', (event, kind, bounce) => {
    const message = { providerId: '4912661846655238145' };
    expect(readViberCallback(body(event))).toMatchObject({ message, kind, bounce, at: 1_772_442_000_123 });
  });
  it.each([body('subscribed'), body('message'), '{"event":"webhook","timestamp":1}', 'no JSON', ''])(
    '%s says nothing',
    (said) => {
      expect(readViberCallback(said)).toBeNull();
    },
  );
});
