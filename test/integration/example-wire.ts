import { addressGone, classifyStatus, jsonPost, textIn, type Wire } from '#channels';

/** Messages over ntfy (https://docs.ntfy.sh/publish/#publish-as-json), to the topic that is the customer's address. */
export function ntfyWire(token: string): Wire {
  return {
    kind: 'ntfy',
    base: 'https://ntfy.sh',
    request({ address, rendered }) {
      if (!/^[\w-]{1,64}$/.test(address)) return addressGone('the recipient is not a topic');
      return jsonPost('/', { topic: address, message: rendered.text }, { authorization: `Bearer ${token}` });
    },
    // The one table: 2xx accepted; 404 the topic is gone; the rest is what a status always says.
    classify(answer) {
      if (answer.status >= 200 && answer.status < 300)
        return { kind: 'accepted', providerId: textIn(answer.json, 'id'), detail: `HTTP ${answer.status}` };
      return answer.status === 404 ? addressGone('HTTP 404') : classifyStatus(answer);
    },
  };
}
