import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { createCallers, createProviders } from '#channels';
import { deliveryPolicy, type DeliveryDecision } from '#core';
import { claimDecider, DeliveryWorker, messagePreparer, outcomeEvent, type LoadedRulesets } from '#engine';
import type { Backbone } from '#hosting';
import { createRenderer } from '#templates';

export interface Delivery {
  readonly worker: DeliveryWorker;
  /** Where mails lie that no provider takes; null where every channel has one. */
  readonly outbox: string | null;
  /** Ends renderer and providers; after the worker. */
  close(): Promise<void>;
}

export interface DeliveryOptions {
  /** Values of the environment variables that kairos.yaml names as secrets. */
  readonly secrets: { readonly [name: string]: string | undefined };
  /** Channels without a provider: files in the data folder, or an error at the start (services). */
  readonly fallback: 'outbox' | 'refuse';
  /** Told of every decision, sent or not. */
  readonly onDecision?: (decision: DeliveryDecision) => void;
}

/** The delivery of one process. Throws ConfigError where a provider lacks its secret. */
export function createDelivery(backbone: Backbone, loaded: LoadedRulesets, options: DeliveryOptions): Delivery {
  const { config, ledger, clock, metrics, log } = backbone;
  const { settings } = loaded.workspace;
  const outbox = join(config.data, 'outbox');
  const where = {
    outbox,
    clock,
    publicUrl: config.publicUrl,
    fallback: options.fallback,
    gate: backbone.gate,
    inbox: backbone.inbox,
    observer: metrics.limits,
  };
  const providers = createProviders(settings, options.secrets, where);
  const callers = createCallers(settings, options.secrets, where);
  const renderer = createRenderer({ workspaces: loaded.workspaces });
  const onDecision = (decision: DeliveryDecision): void => {
    countDecision(backbone, decision);
    options.onDecision?.(decision);
  };
  const worker = new DeliveryWorker({
    ledger,
    decide: claimDecider({
      rulesets: loaded.rulesets,
      policy: deliveryPolicy(loaded.workspace),
      spreadReleases: settings.graceMs > 0,
      onDecision,
      onFailed: ({ rule }, channel) => metrics.messageDecided(rule, channel, 'failed', 'provider_rejected'),
    }),
    prepare: messagePreparer({ loaded, renderer, clock, publicUrl: config.publicUrl, secret: backbone.secret }),
    providers,
    callers,
    outcomeEvent: (message, outcome, at) => outcomeEvent(loaded.rulesets.current, message, outcome, at),
    resendCategories: Object.values(settings.categories).flatMap((category) =>
      category.whenUnknown === 'resend' ? [category.name] : [],
    ),
    clock,
    observer: metrics.delivery,
    log,
    worker: randomInt(1, 2 ** 31 - 1),
  });
  return {
    worker,
    outbox: [...providers.values(), ...callers.values()].some((way) => way.kind === 'file') ? outbox : null,
    close: async () => {
      await renderer.close();
      await Promise.all([...providers.values(), ...callers.values()].map((way) => way.close()));
    },
  };
}

function countDecision({ metrics }: Backbone, { message, verdict, inputs }: DeliveryDecision): void {
  if (verdict.kind === 'suppress')
    metrics.messageDecided(message.plan.rule, verdict.channel, 'suppressed', verdict.reason);
  if (verdict.kind !== 'send')
    for (const look of inputs.caps) if (look.freeAt !== null) metrics.capHeld(look.cap.label);
}
