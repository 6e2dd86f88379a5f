// Visitors who are identified later: lines of a customer stand under a device's anonymousId until one line brings both.
function identifyLater(random, events) {
  const users = [...new Set(events.map(({ userId }) => userId))].filter((id) => id !== undefined && id !== 'zoe');
  for (const user of random.some(users, 0.7)) {
    const own = events.filter(({ userId }) => userId === user);
    const joinedAt = random.below(own.length);
    const device = random.chance(0.2) ? 'shared' : `device-${user}`;
    own.forEach((line, i) => {
      const isBefore = i < joinedAt;
      const kind = i === joinedAt ? 'both' : random.pick(['own', isBefore ? 'device' : 'both', 'device']);
      if (kind !== 'own') line.anonymousId = device;
      if (kind === 'device') delete line.userId;
    });
  }
}

export const IDENTITY_FEATURES = { identity: [0.2, () => {}] };
export const IDENTITY_EVENTS_FOR = { identity: identifyLater };
