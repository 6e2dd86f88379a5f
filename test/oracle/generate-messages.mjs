// Message occasions, what was received and opened, fallbacks, orders of channels, and the `Message …` events that go with them.
import { CATEGORIES, LENGTHS, steps, TEMPLATES } from './generate-workspace.mjs';
import { use } from './generate-segments.mjs';
import { insert, sendsOf } from './generate-steps.mjs';

const VERBS = ['opened', 'opened', 'clicked', 'clicked', 'sent', 'delivered', 'replied', 'failed'];

const templatesIn = (list) =>
  list.flatMap(({ send: body }) =>
    typeof body === 'string'
      ? [body]
      : Object.keys(body.variants ?? { [body.template]: 1 }).filter((name) => name !== 'nothing'),
  );

/** An occasion about a message that the rule sends. */
const ofRule = (random, rule) => ({ [random.pick(VERBS)]: random.pick(templatesIn(sendsOf(rule))) });

function addWaits(random, { rules }) {
  for (const rule of random.some(rules, 0.7)) {
    if (templatesIn(sendsOf(rule)).length === 0) continue;
    const list = random.chance(0.2) ? [ofRule(random, rule), { event: 'Order' }] : ofRule(random, rule);
    insert(random, rule, {
      wait: { for: list, 'up to': random.pick(LENGTHS) },
      ...(random.chance(0.7) ? { then: steps(random, 2, false) } : {}),
      ...(random.chance(0.7) ? { 'on timeout': steps(random, 2, false) } : {}),
    });
    if (random.chance(0.3)) rule.stop = [rule.stop ?? [], ofRule(random, rule)].flat();
    if (random.chance(0.2)) rule.goal = { ...ofRule(random, rule), within: random.pick(LENGTHS) };
  }
}

/** One rule only is started by messages, and it sends none of those that start it, so that there is no cycle. */
function addStart(random, { rules }) {
  const template = random.pick(Object.keys(TEMPLATES));
  const others = Object.keys(TEMPLATES).filter((name) => name !== template);
  const own = () => ({ send: { template: random.pick(others), ...(random.chance(0.3) ? { priority: 90 } : {}) } });
  rules.push({
    rule: 'engaged',
    category: random.pick(['promotional', 'care']),
    start: random.chance(0.2)
      ? [{ [random.pick(VERBS)]: template }, { event: 'Reply' }]
      : { [random.pick(VERBS)]: template },
    ...(random.chance(0.4) ? { 'while running': random.pick(['restart', 'restart wait', 'collect']) } : {}),
    ...(random.chance(0.3) ? { again: 'after 1 hour' } : {}),
    steps: [
      ...(random.chance(0.5) ? [{ wait: random.pick(LENGTHS) }] : []),
      own(),
      ...(random.chance(0.3) ? [own()] : []),
    ],
  });
}

const nameOf = ({ send: body }) => (typeof body === 'string' ? body : body.template);

/** Other features may have added sends to it: none may start it again, or it would start itself for ever. */
export function breakCycle({ rules }) {
  const rule = rules.find(({ rule }) => rule === 'engaged');
  if (rule === undefined) return;
  const starting = [rule.start].flat().flatMap((occasion) => VERBS.flatMap((verb) => occasion[verb] ?? []));
  const other = Object.keys(TEMPLATES).find((name) => !starting.includes(name));
  for (const step of sendsOf(rule))
    if (starting.includes(nameOf(step)))
      step.send = typeof step.send === 'string' ? other : { ...step.send, template: other };
}

function addReceived(random, workspace) {
  for (let n = 2 + random.below(2); n > 0; n--) {
    const word = `has ${random.pick(['', 'not '])}${random.pick(['received', 'received', 'opened', 'clicked'])}`;
    const template = random.pick(Object.keys(TEMPLATES));
    const asked = {
      ...(random.chance(0.5) ? { template } : {}),
      ...(random.chance(0.3) ? { category: random.pick(CATEGORIES) } : {}),
      ...(random.chance(0.3) ? { channel: random.pick(['email', 'sms']) } : {}),
      ...(random.chance(0.2) ? { rule: random.pick(workspace.rules).rule } : {}),
      ...random.pick([{}, { 'at least': 2 }, { 'at most': 2 }, { 'at least': 1, 'at most': 3 }]),
      ...(random.chance(0.6) ? { within: random.pick(LENGTHS) } : {}),
      ...(random.chance(0.2) ? { since: 'start' } : {}),
    };
    use(
      random,
      workspace,
      { [word]: random.chance(0.3) || Object.keys(asked).length === 0 ? template : asked },
      asked.since === undefined,
    );
  }
}

function addFallback(random, { rules }) {
  for (const step of rules.flatMap(sendsOf)) {
    const body = typeof step.send === 'string' ? { template: step.send } : step.send;
    if (!random.chance(0.4) || body.template === 'three' || body.channels?.length === 1) continue;
    const unless = random.pick(['opened', 'opened', 'clicked', 'clicked', 'delivered']);
    step.send = { ...body, fallback: { after: random.pick(LENGTHS.slice(0, 6)), unless } };
  }
}

function addControl(random, { kairos }) {
  kairos['control group'] = random.pick(['100%', '100%', '0%']);
}

function addOrder(random, workspace) {
  workspace.segments ??= {};
  workspace.segments.segments = {
    ...workspace.segments.segments,
    north: { 'customer.city': 'Berlin' },
    caller: { 'has done': { event: random.pick(['View', 'Cart']), within: random.pick(LENGTHS) } },
  };
  const entries = random
    .shuffled(['north', 'caller'])
    .map((name) => [name, random.shuffled(workspace.kairos.channels).slice(0, 1 + random.below(3))]);
  workspace.kairos['channels by segment'] = Object.fromEntries(entries);
}

export const MESSAGE_FEATURES = {
  opened: [0.35, addWaits],
  'opened-start': [0.25, addStart],
  received: [0.3, addReceived],
  fallback: [0.3, addFallback],
  control: [0.08, addControl],
  'channels-by-segment': [0.25, addOrder],
  engagement: [0.25, () => {}],
};

const MESSAGE_EVENTS = ['Opened', 'Opened', 'Clicked', 'Clicked', 'Delivered', 'Replied', 'Failed', 'Bounced'];

function feedback(random, rules, kind) {
  const name = random.pick(Object.keys(TEMPLATES));
  return {
    template: name,
    ...(random.chance(0.4) ? { rule: random.pick(rules).rule } : {}),
    ...(kind === 'Sent' || random.chance(0.5) ? { channel: random.pick(TEMPLATES[name]) } : {}),
    ...(random.chance(0.6) ? { category: random.pick(CATEGORIES) } : {}),
    ...(random.chance(0.2) ? { run: 'some-run' } : {}),
  };
}

/** Each beside a line that is there already, at its time and place, or a little later. */
function addMessageEvents(share, sentShare) {
  return (random, events, { rules }) => {
    for (let i = events.length - 1; i >= 0; i--) {
      const { userId, anonymousId, timestamp, receivedAt } = events[i];
      if (userId === 'zoe' || !random.chance(share)) continue;
      const kind = random.chance(sentShare) ? 'Sent' : random.pick(MESSAGE_EVENTS);
      const later = receivedAt === undefined && random.chance(0.5) ? random.pick([1, 60_000, 240_000]) : 0;
      events.splice(i + 1, 0, {
        type: 'track',
        event: `Message ${kind}`,
        userId,
        anonymousId,
        messageId: `message ${share} ${i}`,
        timestamp: new Date(Date.parse(timestamp) + later).toISOString(),
        receivedAt,
        properties: feedback(random, rules, kind),
      });
    }
  };
}

export const MESSAGE_EVENTS_FOR = {
  opened: addMessageEvents(0.25, 0),
  'opened-start': addMessageEvents(0.1, 0.2),
  received: addMessageEvents(0.15, 0.2),
  fallback: addMessageEvents(0.15, 0),
  engagement: addMessageEvents(0.3, 0.4),
};
