import type { Channel, JsonObject, Workspace } from '#core';
import { TemplateError, type RenderedMessage } from '#engine';
import { createRenderer } from '#templates';
import type { Sample } from './read-sample.js';

export interface SampleRequest {
  readonly workspace: Workspace;
  readonly template: string;
  readonly channel: Channel;
  readonly sample: Sample;
  /** null: the sample's, else the workspace's. */
  readonly locale: string | null;
  readonly style: string | null;
  /** Base of links; those of a sample lead nowhere. */
  readonly publicUrl: string;
}

const RULESET = 1;

/** A template with a sample, as delivery would render it, without tracking. Throws TemplateError. */
export async function renderSample(request: SampleRequest): Promise<RenderedMessage> {
  const { workspace, template, channel, sample, publicUrl } = request;
  const { settings } = workspace;
  const text = (name: string, otherwise: string): string => {
    const value = sample.customer[name];
    return typeof value === 'string' ? value : otherwise;
  };
  const category = typeof sample['category'] === 'string' ? sample['category'] : categoryOf(workspace, template);
  const asksConsent = settings.categories[category]?.consent !== 'none';
  const renderer = createRenderer({ workspaces: new Map([[RULESET, workspace]]), workers: 1 });
  try {
    return await renderer.render({
      ruleset: RULESET,
      template,
      channel,
      locale: request.locale ?? text('locale', settings.locale),
      style: request.style,
      timeZone: text('timezone', settings.timeZone),
      context: contextOf(sample, settings.shop, { category, channel }),
      unsubscribeUrl: asksConsent ? `${publicUrl}/u/sample` : null,
      preferencesUrl: `${publicUrl}/u/p/sample`,
      tracking: null,
    });
  } finally {
    await renderer.close();
  }
}

export { TemplateError };

/** Of the first rule that sends it. */
function categoryOf({ rules }: Workspace, template: string): string {
  const rule = rules.find((each) => JSON.stringify(each.steps).includes(`"template":${JSON.stringify(template)}`));
  return rule?.category ?? 'promotional';
}

function contextOf(sample: Sample, shop: JsonObject, { category, channel }: { category: string; channel: Channel }) {
  const now = new Date().toISOString();
  const start = { event: 'Sample', id: 'sample', timestamp: now, ...(sample['start'] as object | undefined) };
  return {
    ...sample,
    with: (sample['with'] ?? {}) as JsonObject,
    start,
    starts: (sample['starts'] ?? [start]) as readonly { readonly [name: string]: unknown }[],
    shop,
    message: {
      id: '00000000-0000-0000-0000-000000000000',
      rule: 'sample',
      step: '1',
      key: null,
      category,
      channel,
      planned_at: now,
      start_id: 'sample',
    },
  };
}
