import type { Config } from '#config';
import type { ItemProperties } from '#core';
import type { collectCalls } from '#engine';
import type { Backbone } from '#hosting';
import { withBackbone } from '../installation/with-installation.js';
import type { Terminal } from '../terminal/terminal.js';
import type { EventSender, SenderOptions } from './event-sender.js';
import { findCollector, HttpSender } from './http-sender.js';

/**
 * Opens the way into the stream for the time of `use`: a running collector when one answers, else the stream itself,
 * with the collector's own code.
 */
export async function withEventSender<T>(
  terminal: Terminal,
  config: Config,
  options: SenderOptions,
  use: (sender: EventSender) => Promise<T>,
): Promise<T> {
  const collector = await findCollector(config);
  if (collector !== null) return use(new HttpSender(collector, options, (line) => terminal.err.line(line)));
  const { collectCalls: collect, DeclaredItems } = await import('#engine');
  return withBackbone(terminal, config, async (backbone) => {
    const items = await new DeclaredItems(backbone.rulesets, backbone.log).read();
    return use(directSender(backbone, { ...options, items }, collect));
  });
}

function directSender(
  { stream, clock }: Backbone,
  { historical, items }: SenderOptions & { readonly items: ItemProperties },
  collect: typeof collectCalls,
): EventSender {
  return {
    way: 'the event stream',
    running: false,
    send: (calls) =>
      collect(stream, {
        calls,
        type: null,
        sentAt: undefined,
        context: undefined,
        receivedAt: clock.now(),
        historical,
        items,
      }),
  };
}
