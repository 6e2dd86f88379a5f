/** A text that is the same for the same content, whatever the order of keys. */
export function plainly(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Uint8Array) return Buffer.from(part).toString('base64');
    if (part instanceof Map) return Object.fromEntries([...part].sort());
    if (part instanceof Set) return [...part].sort();
    if (typeof part === 'bigint') return String(part);
    if (part !== null && typeof part === 'object' && !Array.isArray(part))
      return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
    return part;
  });
}
