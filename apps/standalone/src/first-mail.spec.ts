import { fileURLToPath } from 'node:url';
import { readWorkspace, type Workspace } from '#core';
import { readWorkspaceFolder } from '#hosting';
import { firstMail } from './first-mail.js';

const NOON = Date.parse('2026-06-01T10:00:00Z');
const NIGHT = Date.parse('2026-06-01T21:00:00Z');

async function shop(change: (path: string, text: string) => string = (_, text) => text): Promise<Workspace> {
  const files = await readWorkspaceFolder(fileURLToPath(new URL('../../../examples/shop', import.meta.url)));
  const changed = files.map(({ path, bytes }) => ({
    path,
    bytes: Buffer.from(change(path, Buffer.from(bytes).toString())),
  }));
  return readWorkspace(changed).workspace!;
}

describe('the first mail of a newcomer', () => {
  it('comes in a minute, since the event is dated back by most of what the rule waits', async () => {
    const mail = firstMail(await shop(), 'ann', NOON)!;
    expect(mail).toMatchObject({ rule: 'abandoned-cart', backMs: 59 * 60_000, inMs: 60_000, waitMs: 3_600_000 });
    expect(mail.calls).toMatchObject([
      { type: 'identify', userId: 'ann', traits: { email: 'ann@shop.test' } },
      { type: 'track', userId: 'ann', event: 'Product Added', timestamp: '2026-06-01T09:01:00Z' },
    ]);
    expect(JSON.stringify(mail.calls)).not.toContain('timezone');
  });

  it('comes at night too: it goes to somebody who has her day', async () => {
    const mail = firstMail(await shop(), 'ann', NIGHT)!;
    expect(mail.inMs).toBe(60_000);
    expect(mail.calls[0]).toMatchObject({ traits: { timezone: 'America/New_York' } });
  });

  it('needs no date where the rule waits for seconds', async () => {
    const mail = firstMail(await shop((_, text) => text.replace('wait: 1 hour', 'wait: 5 seconds')), 'ann', NOON)!;
    expect(mail).toMatchObject({ backMs: 0, inMs: 5_000 });
    expect(JSON.stringify(mail.calls)).not.toContain('timestamp');
  });

  it('is that of another rule where the first writes to nobody like this', async () => {
    const mail = firstMail(
      await shop((path, text) =>
        path === 'rules/abandoned-cart.yaml' ? `${text}\nwho: { customer.vip: true }\n` : text,
      ),
      'ann',
      NOON,
    )!;
    expect(mail.rule).toBe('post-purchase-care');
    expect(mail.calls[1]).toMatchObject({ event: 'Order Delivered', properties: { order_id: 'ann-1' } });
  });

  it('does not come where no rule begins with an event', async () => {
    const { rules, ...rest } = await shop();
    expect(firstMail({ ...rest, rules: rules.filter(({ name }) => name === 'win-back') }, 'ann', NOON)).toBeNull();
  });
});
