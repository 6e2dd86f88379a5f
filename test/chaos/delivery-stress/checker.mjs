// What went wrong in a stress run, from the sinks, the plan, what was withdrawn when, and the rows of the ledger. Shares no code with the product.

/** @returns {string[]} what went wrong; empty: nothing */
export function check(world) {
  const rows = new Map(world.closed.map((row) => [row.message_id, row]));
  return [
    ...copies(world.sinks),
    ...fates(world, rows),
    ...withdrawn(world),
    ...quiet(world),
    ...overCaps(world, rows),
    ...keptOutByNobody(world, rows),
  ];
}

function copies(sinks) {
  const counts = new Map();
  for (const { id, channel } of sinks) counts.set(`${id} ${channel}`, (counts.get(`${id} ${channel}`) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 1).map(([copy, count]) => `doubled: ${copy} ${count} times`);
}

function fates({ planned, sinks, closed, open, unknownBound }, rows) {
  const wrong = [];
  const taken = new Set(sinks.map(({ id }) => id));
  for (const id of planned) {
    const row = rows.get(id);
    if (row === undefined) wrong.push(open.has(id) ? `still open: ${open.get(id)}` : `lost: ${id} is nowhere`);
    else if (row.outcome === 'sent' && !taken.has(id)) wrong.push(`lost: ${id} is said to be sent and nobody took it`);
    else if (row.outcome !== 'sent' && row.outcome !== 'unknown' && taken.has(id))
      wrong.push(`extra: ${id} was taken and is ${row.outcome}`);
  }
  for (const id of taken) if (!planned.has(id)) wrong.push(`extra: nobody planned ${id}`);
  const unknown = closed.filter(({ outcome }) => outcome === 'unknown').length;
  if (unknown > unknownBound) wrong.push(`${unknown} unknown, with ${unknownBound} connections cut`);
  return wrong;
}

/** Judged by when the permit was asked for: one that was given before the answer is in flight. */
function withdrawn({ sinks, optOuts, stops }) {
  const answered = new Map(optOuts.map((one) => [`${one.customer} ${one.category} ${one.channel}`, one.at]));
  return sinks.flatMap(({ id, customer, category, channel, askedAt }) => {
    const left = answered.get(`${customer} ${category} ${channel}`) ?? Infinity;
    const stopped = stops.get(id) ?? Infinity;
    return [
      ...(askedAt > left ? [`after opt-out: ${id} on ${channel}, asked ${askedAt - left} ms after the answer`] : []),
      ...(askedAt > stopped ? [`after stop: ${id}, asked ${askedAt - stopped} ms after it`] : []),
    ];
  });
}

function quiet({ sinks, quiet: night }) {
  if (night === null) return [];
  return sinks
    .filter(({ category, at }) => category === night.category && at < night.until)
    .map(({ id, at }) => `in quiet hours: ${id}, ${night.until - at} ms before their end`);
}

/** A window holds (t - length, t]. Of an unknown one the ledger knows the permit only: it counts from there, and is left out here. */
function overCaps({ sinks, caps }, rows) {
  const wrong = [];
  const known = sinks.filter(({ id }) => rows.get(id)?.outcome !== 'unknown');
  for (const [customer, all] of byCustomer(known)) {
    for (const { atMost, lengthMs, channel, category } of caps) {
      const counted = all.filter(
        (sunk) => (channel ?? sunk.channel) === sunk.channel && (category ?? sunk.category) === sunk.category,
      );
      const times = counted.map(({ at }) => at).sort((a, b) => a - b);
      for (let i = atMost; i < times.length; i++) {
        const within = times[i] - times[i - atMost];
        if (within < lengthMs) wrong.push(`over cap: ${customer} got ${atMost + 1} in ${within} of ${lengthMs} ms`);
      }
    }
  }
  return wrong;
}

/**
 * A cap of one a day that refuses for good must have been filled: by what was accepted or may have been, or by what was on
 * its way at that moment. What had failed before has given its place back.
 */
function keptOutByNobody({ sinks, closed, caps }, rows) {
  const rare = new Set(
    caps.flatMap(({ atMost, category }) => (atMost === 1 && category !== undefined ? [category] : [])),
  );
  const taken = new Set(sinks.map(({ id }) => id));
  const wrong = [];
  for (const [customer, all] of byCustomer(closed.filter(({ category }) => rare.has(category)))) {
    for (const row of all) {
      if (row.outcome !== 'suppressed' || row.reason !== 'frequency_cap') continue;
      const fills = (other) =>
        other !== row &&
        (taken.has(other.message_id) || rows.get(other.message_id).outcome === 'unknown' || other.at >= row.at);
      if (!all.some(fills)) wrong.push(`kept out by nobody: ${row.message_id} of ${customer}`);
    }
  }
  return wrong;
}

function byCustomer(list) {
  const groups = new Map();
  for (const one of list) groups.set(one.customer, [...(groups.get(one.customer) ?? []), one]);
  return groups;
}
