// What went wrong in a stress run, from the sinks, the plan, what was withdrawn when, and the rows of the ledger. Shares no code with the product.

/** @returns {string[]} what went wrong; empty: nothing */
export function check({ planned, sinks, closed, open, optOuts, stops, caps, kills, connections }) {
  const wrong = [];
  const rows = new Map(closed.map((row) => [row.message_id, row]));
  const copies = new Map();
  for (const { id, channel } of sinks) copies.set(`${id} ${channel}`, (copies.get(`${id} ${channel}`) ?? 0) + 1);
  for (const [copy, count] of copies) if (count > 1) wrong.push(`doubled: ${copy} ${count} times`);
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
  if (unknown > kills * connections)
    wrong.push(`${unknown} unknown after ${kills} kills with ${connections} connections each`);
  for (const { id, customer, askedAt } of sinks) {
    if (askedAt > (optOuts.get(customer) ?? Infinity))
      wrong.push(`after opt-out: ${id}, asked ${askedAt - optOuts.get(customer)} ms after the answer`);
    if (askedAt > (stops.get(id) ?? Infinity))
      wrong.push(`after stop: ${id}, asked ${askedAt - stops.get(id)} ms after it`);
  }
  return [...wrong, ...overCaps(sinks, caps, rows)];
}

/** A window holds (t - length, t]. Of an unknown one the ledger knows the permit only: it counts from there, and is left out here. */
function overCaps(sinks, caps, rows) {
  const wrong = [];
  const known = sinks.filter(({ id }) => rows.get(id)?.outcome !== 'unknown');
  for (const customer of new Set(known.map((sunk) => sunk.customer))) {
    const all = known.filter((sunk) => sunk.customer === customer);
    for (const { atMost, lengthMs, channel } of caps) {
      const times = all.filter((sunk) => (channel ?? sunk.channel) === sunk.channel).map(({ at }) => at);
      times.sort((a, b) => a - b);
      for (let i = atMost; i < times.length; i++) {
        const within = times[i] - times[i - atMost];
        if (within < lengthMs) wrong.push(`over cap: ${customer} got ${atMost + 1} in ${within} of ${lengthMs} ms`);
      }
    }
  }
  return wrong;
}
