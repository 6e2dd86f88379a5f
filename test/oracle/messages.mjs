// What becomes of messages: `Message …` events of the recording and what the simulation itself sends.
import { DAY } from './wall-clock.mjs';

const VERBS = {
  'Message Sent': 'sent',
  'Message Delivered': 'delivered',
  'Message Opened': 'opened',
  'Message Clicked': 'clicked',
  'Message Replied': 'replied',
  'Message Failed': 'failed',
  'Message Bounced': 'failed',
};
const INTERACTIONS = ['opened', 'clicked', 'replied'];

const fits = (sent, { template, rule, channel }) =>
  sent.template === template &&
  (rule === undefined || rule === sent.rule) &&
  (channel === undefined || channel === sent.channel);

/**
 * What a line of the recording says of a message, undefined when it says nothing (machine opens and bot clicks never count). It is about
 * the latest message that the simulation sent this customer and that it fits (`target`); of another `run` it cannot know.
 */
export function readFeedback(customer, event) {
  const verb = event.type === 'track' ? VERBS[event.name] : undefined;
  const { template, rule, channel, category, machine, bot } = event.properties;
  if (verb === undefined || typeof template !== 'string' || machine === true || bot === true) return undefined;
  const said = { verb, template, rule, channel, category, time: event.time };
  const target =
    verb === 'sent' ? undefined : customer.received.findLast((each) => each.message && fits(each, said))?.message;
  return { ...said, target };
}

/** What the simulation says of a message that it has sent. */
export const feedbackOfSending = (message, time) => ({
  verb: 'sent',
  template: message.template,
  rule: message.rule,
  channel: message.channel,
  category: message.category,
  time,
  target: message,
});

/** Counts it, and closes a message whose fallback is no longer wanted. */
export function noteFeedback(customer, feedback) {
  const { verb, template, rule, channel, time, target, order } = feedback;
  customer.feedback.push(feedback);
  if (verb === 'sent')
    customer.received.push({ message: target, template, rule, channel, at: time, interactedAt: undefined, order });
  if (INTERACTIONS.includes(verb)) {
    const about = customer.received.findLast((each) => fits(each, feedback));
    if (about !== undefined) about.interactedAt = Math.max(about.interactedAt ?? -Infinity, time);
  }
  if (target === undefined) return;
  if (verb === 'failed') target.status = 'failed';
  if (target.tried.length > 0 && target.fallback?.unless === verb && customer.open.includes(target))
    customer.open.splice(customer.open.indexOf(target), 1);
}

/** The latest message of a template that a run planned. */
const latestOf = (run, template) => run.messages.findLast((message) => message.template === template);

/** Whether an occasion such as `{ opened: cart-reminder }` is what a feedback says: in `start` of any message, elsewhere of the latest of the run. */
export function isFeedback(occasion, feedback, run) {
  const { verb, template, target } = feedback;
  if (occasion.verb !== verb || !occasion.templates.includes(template)) return false;
  return run === undefined || (target !== undefined && latestOf(run, template) === target);
}

/** A wait for nothing but engagement with messages that were suppressed or failed. */
export function isInVain(run, wait) {
  return wait.occasions.every(
    (occasion) =>
      occasion.kind === 'message' &&
      occasion.verb !== 'failed' &&
      occasion.templates.every((template) => ['suppressed', 'failed'].includes(latestOf(run, template)?.status)),
  );
}

/**
 * Channels on which she interacts, the best first: interacted ÷ received over 90 days, when there are at least 3 messages over 2 channels;
 * ties to the latest interaction. A channel without any interaction has no place in this order.
 */
export function channelsByEngagement(customer, now) {
  const received = customer.received.filter(({ at }) => at > now - 90 * DAY && at <= now);
  const channels = [...new Set(received.map(({ channel }) => channel))];
  if (received.length < 3 || channels.length < 2) return [];
  return channels
    .map((channel) => {
      const own = received.filter((each) => each.channel === channel);
      const interacted = own.filter((each) => each.interactedAt !== undefined);
      const latest = Math.max(...interacted.map((each) => each.interactedAt));
      return { channel, share: interacted.length / own.length, latest };
    })
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share || b.latest - a.latest)
    .map(({ channel }) => channel);
}
