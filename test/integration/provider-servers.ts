import { HttpSink, type ReceivedRequest, type SinkAnswer } from '#testkit';

/** Servers that speak the wire formats of providers as their documentation says; what they are told is kept by the sink. */

const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): SinkAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

export interface ProviderServer {
  readonly sink: HttpSink;
  /** Ids of the messages it took, read from what the provider carries them in. */
  accepted(): readonly string[];
}

/** The ids of messages whose text says it, as `outgoing` of the specs writes them. */
const idIn = (text: string): string => /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(text)?.[0] ?? text;

/** A yes, or a connection that broke instead of one. Viber's no is a 200. */
const took = ({ answer: { status = 200, body = '', hangUp = false } }: ReceivedRequest): boolean =>
  hangUp || (status < 300 && !/"status":[1-9]/.test(body));
const taken = (sink: HttpSink, read: (request: ReceivedRequest) => string): readonly string[] =>
  sink.requests.all.filter(took).map(read);

export const twilioError = (status: number, code: number, message: string, headers = {}): SinkAnswer =>
  json(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }, headers);

/** https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
export async function twilioServer(account: string, token: string): Promise<ProviderServer> {
  const sink = await HttpSink.start((request) => {
    const form = new URLSearchParams(request.body);
    if (request.headers.authorization !== `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}`)
      return twilioError(401, 20003, 'Authenticate');
    if (request.method !== 'POST' || request.path !== `/2010-04-01/Accounts/${account}/Messages.json`)
      return twilioError(404, 20404, 'The requested resource was not found');
    if (request.headers['content-type'] !== 'application/x-www-form-urlencoded')
      return twilioError(400, 21604, "A 'To' phone number is required.");
    const to = form.get('To') ?? '';
    if (!/^\+[1-9]\d{6,14}$/.test(to))
      return twilioError(400, 21211, `The 'To' number ${to} is not a valid phone number.`);
    if (!form.get('Body')) return twilioError(400, 21602, 'Message body is required.');
    if (!form.get('From') && !form.get('MessagingServiceSid')) return twilioError(400, 21603, "A 'From' is required.");
    const sid = `SM${idIn(form.get('Body')!).replaceAll('-', '')}`;
    return json(201, { sid, status: 'queued', num_segments: form.get('From') ? '1' : '0', to, price: null });
  });
  return { sink, accepted: () => taken(sink, ({ body }) => idIn(new URLSearchParams(body).get('Body') ?? '')) };
}

export const telegramError = (error_code: number, description: string, parameters?: object): SinkAnswer =>
  json(error_code, { ok: false, error_code, description, ...(parameters === undefined ? {} : { parameters }) });

/** https://core.telegram.org/bots/api#making-requests */
export async function telegramServer(token: string): Promise<ProviderServer> {
  let count = 0;
  const sink = await HttpSink.start((request) => {
    if (request.path !== `/bot${token}/sendMessage`) return telegramError(404, 'Not Found');
    const { chat_id: chat, text } = request.json() as { chat_id?: unknown; text?: unknown };
    if (typeof chat !== 'number') return telegramError(400, 'Bad Request: chat_id is empty');
    if (typeof text !== 'string' || text === '') return telegramError(400, 'Bad Request: message text is empty');
    if (text.length > 4096) return telegramError(400, 'Bad Request: message is too long');
    return json(200, { ok: true, result: { message_id: ++count, date: 1, chat: { id: chat, type: 'private' }, text } });
  });
  return { sink, accepted: () => taken(sink, (request) => idIn((request.json() as { text: string }).text)) };
}

export const whatsappError = (status: number, code: number, details: string, headers = {}): SinkAnswer =>
  json(
    status,
    {
      error: {
        message: `(#${code}) ${details}`,
        type: 'OAuthException',
        code,
        error_data: { messaging_product: 'whatsapp', details },
        fbtrace_id: 'A1',
      },
    },
    headers,
  );

/** https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages */
export async function whatsappServer(token: string, phone: string): Promise<ProviderServer> {
  const sink = await HttpSink.start((request) => {
    if (request.headers.authorization !== `Bearer ${token}`) return whatsappError(401, 190, 'Access token has expired');
    if (request.path !== `/v23.0/${phone}/messages`) return whatsappError(400, 33, 'Parameter value is not valid');
    const body = request.json() as { messaging_product?: string; to?: string; biz_opaque_callback_data?: string };
    if (body.messaging_product !== 'whatsapp' || !/^\d{7,15}$/.test(body.to ?? ''))
      return whatsappError(400, 100, 'Invalid parameter');
    const id = `wamid.${body.biz_opaque_callback_data}`;
    return json(200, {
      messaging_product: 'whatsapp',
      contacts: [{ input: body.to, wa_id: body.to }],
      messages: [{ id }],
    });
  });
  const idOf = (request: ReceivedRequest) =>
    (request.json() as { biz_opaque_callback_data: string }).biz_opaque_callback_data;
  return { sink, accepted: () => taken(sink, idOf) };
}

export const viberStatus = (status: number, status_message: string): SinkAnswer =>
  json(200, { status, status_message });

/** https://developers.viber.com/docs/api/rest-bot-api/#send-message: always HTTP 200. */
export async function viberServer(token: string): Promise<ProviderServer> {
  const sink = await HttpSink.start((request) => {
    if (request.headers['x-viber-auth-token'] !== token) return viberStatus(2, 'invalidAuthToken');
    const body = request.json() as { receiver?: string; type?: string; text?: string; sender?: { name?: string } };
    if (
      request.path !== '/pa/send_message' ||
      !body.receiver ||
      body.type !== 'text' ||
      !body.text ||
      !body.sender?.name
    )
      return viberStatus(4, 'missingData');
    // As it is sent: a number of 19 digits.
    return {
      headers: { 'content-type': 'application/json' },
      body: '{"status":0,"status_message":"ok","message_token":5741311803571721087,"chat_hostname":"SN-CHAT-05_"}',
    };
  });
  const idOf = (request: ReceivedRequest) => (request.json() as { tracking_data: string }).tracking_data;
  return { sink, accepted: () => taken(sink, idOf) };
}
