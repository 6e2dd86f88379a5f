import { readSettingsWith } from '../fixtures/read-rule-with.js';
import { KAIROS, workspaceWith } from '../fixtures/valid-workspace.js';
import { readWorkspace } from '../read-workspace.js';

const HOUR = 3_600_000;
const NO_LIMITS = { ratePerSecond: null, concurrency: null, timeoutMs: null };

const capFindings = (...caps: readonly string[]) => {
  const text = KAIROS.replace(
    '  - { at most: 2, per: 1 day, category: promotional }\n',
    caps.map((cap) => `  - { ${cap} }\n`).join(''),
  );
  return readWorkspace(workspaceWith({ 'kairos.yaml': text })).diagnostics.map(
    (d) => `${d.line}:${d.column} ${d.code}`,
  );
};

describe('kairos.yaml', () => {
  it('has the defaults of the reference', () => {
    expect(readSettingsWith()).toEqual({
      timeZone: 'Europe/Berlin',
      locale: 'en',
      defaultTime: 600,
      graceMs: 10_000,
      salt: '',
      shop: {},
      channels: ['email', 'push'],
      channelsBySegment: [],
      controlGroup: 0,
      tracking: { opens: true, clicks: true },
      webhooks: {},
      categories: {
        promotional: {
          name: 'promotional',
          consent: 'opt-in',
          countsTowardCaps: true,
          ignoresCaps: false,
          ignoresQuietHours: false,
          whenUnknown: 'hold',
          sameContentMs: 18 * HOUR,
        },
        care: expect.objectContaining({ consent: 'opt-out' }),
        receipts: expect.objectContaining({ consent: 'none', ignoresCaps: true }),
      },
      caps: [
        {
          atMost: 2,
          window: { kind: 'rolling', durationMs: 24 * HOUR },
          category: 'promotional',
          channel: null,
          label: '2 per 1 day, promotional',
        },
      ],
      onCapped: { kind: 'drop' },
      quietHours: [{ from: 1260, to: 540, channels: null, categories: null, days: null, onQuiet: 'hold' }],
      providers: {
        email: { kind: 'smtp', url: 'SMTP_URL', from: 'The Shop <hello@shop.test>', dkim: null, ...NO_LIMITS },
        push: {
          kind: 'webhook',
          url: { kind: 'address', value: 'https://push.shop.test/hook' },
          secret: 'PUSH_SECRET',
          allowPrivate: false,
          ...NO_LIMITS,
        },
      },
    });
  });

  it('reads what is written', () => {
    const settings = readSettingsWith(
      'default time: "08:05"',
      'grace: 0 seconds',
      'salt: summer',
      'on capped: defer up to 2 days',
      'same content: off',
      'shop: { name: The Shop, links: [{ url: "https://shop.test" }], open: true, since: 1999, fax: null }',
    );
    expect(settings).toMatchObject({
      defaultTime: 485,
      graceMs: 0,
      salt: 'summer',
      onCapped: { kind: 'defer', upToMs: 48 * HOUR },
    });
    expect(settings.shop).toEqual({
      name: 'The Shop',
      links: [{ url: 'https://shop.test' }],
      open: true,
      since: 1999,
      fax: null,
    });
    expect(settings.categories['care']?.sameContentMs).toBeNull();
  });

  it('takes the same content of a category before that of the workspace', () => {
    const text = KAIROS.replace(
      'care: { consent: opt-out }',
      'care: { consent: opt-out, same content: 2 days, when unknown: resend, ignores quiet hours: true, counts toward caps: false }',
    );
    const { workspace } = readWorkspace(workspaceWith({ 'kairos.yaml': text }));
    expect(workspace?.settings.categories['care']).toEqual({
      name: 'care',
      consent: 'opt-out',
      countsTowardCaps: false,
      ignoresCaps: false,
      ignoresQuietHours: true,
      whenUnknown: 'resend',
      sameContentMs: 48 * HOUR,
    });
  });

  it('reads quiet hours one by one or as a list, with days, channels and categories', () => {
    const text = KAIROS.replace(
      /quiet hours: .*/,
      'quiet hours:\n  - { from: "21:00", to: "09:00", channels: [push], on quiet: skip }\n  - { from: "00:00", to: "12:00", categories: [care], days: [saturday, 2026-12-24] }',
    );
    expect(readWorkspace(workspaceWith({ 'kairos.yaml': text })).workspace?.settings.quietHours).toEqual([
      { from: 1260, to: 540, channels: ['push'], categories: null, days: null, onQuiet: 'skip' },
      { from: 0, to: 720, channels: null, categories: ['care'], days: ['saturday', '2026-12-24'], onQuiet: 'hold' },
    ]);
  });

  it('reads the providers of this version', () => {
    const text =
      KAIROS.slice(0, KAIROS.indexOf('providers:')) +
      'providers:\n  email: { kind: file, from: a@shop.test }\n  push: { kind: webhook, url: PUSH_URL, secret: S, allow private: true }\n';
    expect(readWorkspace(workspaceWith({ 'kairos.yaml': text })).workspace?.settings.providers).toEqual({
      email: { kind: 'file', from: 'a@shop.test' },
      push: {
        kind: 'webhook',
        url: { kind: 'environment', value: 'PUSH_URL' },
        secret: 'S',
        allowPrivate: true,
        ...NO_LIMITS,
      },
    });
    expect(readSettingsWith().providers.email).toMatchObject({ ratePerSecond: null });
    const limited = KAIROS.replace('shop.test>" }', 'shop.test>", rate: 30 per minute }');
    expect(readWorkspace(workspaceWith({ 'kairos.yaml': limited })).workspace?.settings.providers.email).toMatchObject({
      ratePerSecond: 0.5,
    });
  });

  it('puts the locale into its canonical form', () => {
    expect(
      readWorkspace(workspaceWith({ 'kairos.yaml': KAIROS.replace('locale: en', 'locale: EN-us') })).workspace?.settings
        .locale,
    ).toBe('en-US');
  });

  it('warns of a cap that others make unreachable, and of none that can be reached', () => {
    expect(capFindings('at most: 1, per: 1 day', 'at most: 8, per: 7 days')).toEqual([
      '10:5 settings/cap-never-reached',
    ]);
    expect(capFindings('at most: 1, per: 1 day', 'at most: 7, per: 7 days')).toEqual([]);
    expect(capFindings('at most: 1, per: calendar day', 'at most: 8, per: calendar week')).toEqual([
      '10:5 settings/cap-never-reached',
    ]);
    expect(capFindings('at most: 1, per: calendar day', 'at most: 8, per: 7 days')).toEqual([]);
    expect(capFindings('at most: 1, per: 1 day, category: care', 'at most: 8, per: 7 days')).toEqual([]);
    expect(
      capFindings('at most: 1, per: 1 day, channel: push', 'at most: 8, per: 7 days, channel: push, category: care'),
    ).toEqual(['10:5 settings/cap-never-reached']);
  });

  it('reads the control group, what is tracked, and addresses of webhooks', () => {
    const read = readSettingsWith(
      'control group: 2.5%',
      'tracking: { opens: false }',
      'webhooks:',
      '  helpdesk: { url: "https://help.shop.test/hook", secret: HELPDESK_SECRET }',
      '  stock: { url: "http://stock.local/hook", allow private: true }',
    );
    expect(read).toMatchObject({ controlGroup: 0.025, tracking: { opens: false, clicks: true } });
    expect(read.webhooks).toEqual({
      helpdesk: { url: 'https://help.shop.test/hook', secret: 'HELPDESK_SECRET', allowPrivate: false },
      stock: { url: 'http://stock.local/hook', secret: null, allowPrivate: true },
    });
  });

  it('reads the channels of segments in the order written', () => {
    const { workspace } = readWorkspace(
      workspaceWith({
        'kairos.yaml': `${KAIROS}channels by segment:\n  zebras: [push]\n  apes: [email, push]\n`,
        'segments.yaml': 'segments: { apes: { customer.a: 1 }, zebras: { customer.z: 1 } }',
      }),
    );
    expect(workspace?.settings.channelsBySegment).toEqual([
      { segment: 'zebras', channels: ['push'] },
      { segment: 'apes', channels: ['email', 'push'] },
    ]);
  });
});
