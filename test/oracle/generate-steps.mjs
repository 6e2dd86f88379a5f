// Steps and keys of rules that the plain random workspaces do not have.
import { CATEGORIES, condition, LENGTHS, sends, send, steps, TEMPLATES } from './generate-workspace.mjs';

/** All lists of steps of a rule, the nested ones too. */
export function listsOf(list) {
  const inner = list.flatMap((step) => {
    if (typeof step === 'string') return [];
    const branches = [step.then, step.else, step['on timeout'], step['on past'], step.repeat?.steps];
    for (const branch of Object.values(step.split ?? {})) branches.push(branch.steps);
    return branches.filter((branch) => branch !== undefined);
  });
  return [list, ...inner.flatMap(listsOf)];
}

export const stepsOf = (rule) => listsOf(rule.steps).flat();
export const sendsOf = (rule) => stepsOf(rule).filter((step) => step.send !== undefined);

/** Puts steps somewhere into a rule, never behind a `stop`. */
export function insert(random, rule, ...added) {
  const list = random.pick(listsOf(rule.steps));
  const last = list.includes('stop') ? list.indexOf('stop') : list.length;
  list.splice(random.below(last + 1), 0, ...added);
}

const SHARES = [
  ['50%', '50%'],
  ['60%', '40%'],
  ['12.5%', '87.5%'],
  ['30%', '30%', '40%'],
  ['100%', '0%'],
];

function shared(random, names, make) {
  const shares = random.pick(SHARES.filter((each) => each.length <= names.length));
  return Object.fromEntries(shares.map((share, i) => [names[i], make(share)]));
}

function addSplit(random, { rules }) {
  const branches = shared(random, random.shuffled(['short', 'long', 'other']), (share) => ({
    share,
    ...(random.chance(0.8) ? { steps: steps(random, 1, false) } : {}),
  }));
  if (!sends(branches)) branches[Object.keys(branches)[0]].steps = [send(random)];
  insert(random, random.pick(rules), { split: branches });
}

/** Other templates beside that of a send, all of them on the channels it asks for. */
function addVariants(random, { rules }) {
  for (const step of sendsOf(random.pick(rules))) {
    const body = typeof step.send === 'string' ? { template: step.send } : step.send;
    const fitting = Object.keys(TEMPLATES).filter((name) =>
      (body.channels ?? []).every((channel) => TEMPLATES[name].includes(channel)),
    );
    const names = random.shuffled([...fitting, 'nothing', 'nothing'].filter((name, i, all) => all.indexOf(name) === i));
    if (names.length < 2 || !random.chance(0.7)) continue;
    step.send = { ...body, variants: shared(random, names, (share) => share) };
    delete step.send.template;
  }
}

function addRepeat(random, { rules }) {
  const inner = steps(random, 1, false);
  if (random.chance(0.7)) inner.push({ wait: random.pick(LENGTHS.slice(0, 5)) });
  if (random.chance(0.3))
    inner.unshift({ if: { 'repeat.count': random.pick([1, 2, { 'at least': 2 }]) }, then: [send(random)] });
  const repeat = { 'at most': 1 + random.below(4) };
  if (random.chance(0.5))
    repeat.while = random.chance(0.2)
      ? { 'repeat.count': { 'less than': 3 } }
      : condition(random, 'start', { start: true });
  insert(random, random.pick(rules), { repeat: { ...repeat, steps: inner } });
}

function addSet(random, { rules }) {
  const rule = random.pick(rules);
  const values = [
    { 'customer.city': random.pick(['Berlin', 'Bonn', 'start.kind']) },
    { 'customer.vip': random.pick([true, false]) },
    { 'customer.limit': random.pick([10, 'start.price', 20.5]) },
    { 'customer.since': random.pick(['start.timestamp', random.pick(random.days)]) },
    { 'customer.preferred_channel': random.pick(['sms', 'email', 'push']) },
    { 'customer.timezone': random.pick(random.zones) },
  ];
  for (let n = 1 + random.below(2); n > 0; n--) {
    const mood = { 'customer.mood': random.pick(['fine', 'start.cart', { text: 'start.cart' }]) };
    const added = [{ set: { ...mood, ...(random.chance(0.6) ? random.pick(values) : {}) } }];
    if (random.chance(0.6)) added.push({ if: { 'customer.mood': mood['customer.mood'] }, then: [send(random)] });
    insert(random, rule, ...added);
  }
  if (random.chance(0.6))
    insert(random, random.pick(rules), { if: { 'customer.mood': { exists: false } }, then: [send(random)] });
  if (random.chance(0.3)) random.pick(rules).who ??= { not: { 'customer.mood': 'fine' } };
}

/** One rule is started by what another emits; rules that listen to everything emit nothing, so that there is no cycle. */
function addEmit(random, { rules }) {
  const emitters = rules.filter((rule) => !JSON.stringify(rule.start).includes('any event'));
  if (emitters.length === 0) return;
  const properties = {
    cart: random.pick(['start.cart', 'c1']),
    price: random.pick(['start.price', 20]),
    ...(random.chance(0.5) ? { kind: random.pick(['a', { text: 'start.kind' }]) } : {}),
  };
  const emitter = random.pick(emitters);
  insert(random, emitter, { emit: { event: 'Done', properties } });
  const others = rules.filter((rule) => rule !== emitter && rule.stop === undefined);
  if (others.length > 0 && random.chance(0.4))
    random.pick(others).stop = { event: 'Done', where: { 'event.cart': 'start.cart' } };
  const chained = {
    rule: 'chained',
    category: random.pick(['promotional', 'care']),
    start: { event: 'Done', ...(random.chance(0.5) ? { key: 'event.cart' } : {}) },
    again: 'after 1 hour',
    steps: [...(random.chance(0.5) ? [{ wait: random.pick(LENGTHS) }] : []), send(random)],
  };
  rules.push(chained);
}

function addWebhook(random, { kairos, rules }) {
  kairos.webhooks = { helpdesk: { url: 'https://help.shop.test/hook', secret: 'HELPDESK_SECRET' } };
  for (let n = 1 + random.below(2); n > 0; n--)
    insert(random, random.pick(rules), { webhook: { to: 'helpdesk', body: { cart: 'start.cart', fixed: 'text' } } });
}

function addPause(random, { rules }) {
  const rule = random.pick(rules);
  for (let n = 1 + random.below(2); n > 0; n--) {
    const category = random.pick(['promotional', 'promotional', 'care', 'transactional']);
    const added = [{ pause: { category, 'up to': random.pick(LENGTHS.slice(2)) } }];
    if (random.chance(0.4)) added.push({ wait: random.pick(LENGTHS.slice(0, 5)) }, { resume: category });
    insert(random, rule, ...added);
  }
  if (random.chance(0.3)) insert(random, random.pick(rules), { resume: 'promotional' });
}

function addUnsubscribe(random, { rules }) {
  insert(random, random.pick(rules), {
    unsubscribe: {
      category: random.pick(CATEGORIES),
      ...(random.chance(0.6) ? { channels: random.some(['email', 'sms'], 0.7).concat('push') } : {}),
    },
  });
}

function addWith(random, { rules }) {
  for (const step of rules.flatMap(sendsOf)) {
    if (!random.chance(0.6)) continue;
    const body = typeof step.send === 'string' ? { template: step.send } : step.send;
    body.with = random.pick([
      { discount: 10 },
      { discount: 'start.price' },
      { discount: random.pick([5, 10]), cart: 'start.cart' },
      { nested: { b: 1, a: 'start.kind' }, list: ['start.price', 1] },
      { nested: { a: 'start.kind', b: 1 }, list: ['start.price', 1] },
    ]);
    step.send = body;
  }
}

function addStyle(random, { rules }) {
  for (const step of rules.flatMap(sendsOf))
    if (random.chance(0.5))
      step.send = { ...(typeof step.send === 'string' ? { template: step.send } : step.send), style: 'formal' };
}

function addCollect(random, { rules }) {
  for (const rule of random.some(rules, 0.7)) {
    if (random.chance(0.7)) rule['while running'] = random.pick(['collect', 'collect', 'restart wait', 'restart']);
    insert(random, rule, {
      if: { 'starts.count': random.pick([2, { 'at least': 2 }, { 'at most': 1 }]) },
      then: [send(random)],
    });
  }
}

function addActive(random, { rules }) {
  const [first, second] = [random.pick(random.days), random.pick(random.days)].sort();
  random.pick(rules).active = random.chance(0.1)
    ? 'never'
    : { from: first, until: first === second ? '2027-01-01' : second };
}

function addNames(random, { rules }) {
  for (const rule of rules) {
    for (const list of listsOf(rule.steps)) {
      const place = list.findIndex((step) => step.wait?.for !== undefined && step.wait.as === undefined);
      if (place === -1) continue;
      const name = `answer_${stepsOf(rule).filter((step) => step.wait?.as).length + 1}`;
      list[place].wait.as = name;
      const path = `${name}.${random.pick(['price', 'kind', 'cart'])}`;
      list.splice(place + 1, 0, {
        if: { [path]: random.pick([{ exists: true }, 'a', 'start.cart', { 'at least': 'start.price' }]) },
        then: [send(random)],
      });
    }
  }
}

export const STEP_FEATURES = {
  split: [0.3, addSplit],
  repeat: [0.3, addRepeat],
  collect: [0.25, addCollect],
  as: [0.5, addNames],
  set: [0.35, addSet],
  emit: [0.3, addEmit],
  webhook: [0.3, addWebhook],
  pause: [0.3, addPause],
  unsubscribe: [0.2, addUnsubscribe],
  active: [0.2, addActive],
  variants: [0.3, addVariants],
  with: [0.3, addWith],
  style: [0.1, addStyle],
};
