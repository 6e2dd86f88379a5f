import { FEEDBACK_KINDS, feedbackEventName, messageProperties, type DeliveryDecision, type FeedbackKind } from '#core';
import { feedbackEvent } from '#engine';
import type { Simulation } from '#rule-testing';
import type { ReplayedCall, SendCalls } from '../../apps/standalone/src/replay/replay.js';
import type { Standalone } from '../../apps/standalone/src/start-standalone.js';

/** `Message Opened` of a message that Kairos sent itself: it names it by its id. */
export function isFeedback({ call }: ReplayedCall): boolean {
  return kindOf(call) !== undefined && messageIdOf(call) !== undefined;
}

function kindOf(call: ReplayedCall['call']): FeedbackKind | undefined {
  return FEEDBACK_KINDS.find((kind) => feedbackEventName(kind) === call['event']);
}

function messageIdOf(call: ReplayedCall['call']): string | undefined {
  return (call['properties'] as { readonly message_id?: string } | undefined)?.message_id;
}

/**
 * What a recording says of messages, as an installation that sent them would say it: with their ids, and nothing about
 * messages that somebody else has sent. Who is meant where a recording names no message is a question of simulation alone.
 */
export function withMessageIds(
  simulate: (onDecision: (decision: DeliveryDecision) => void) => Simulation,
  customers: readonly ReplayedCall[],
  calls: readonly ReplayedCall[],
): readonly ReplayedCall[] {
  const sent: DeliveryDecision[] = [];
  const simulation = simulate((decision) => {
    if (decision.verdict.kind === 'send') sent.push(decision);
  });
  const take = ({ at, call }: ReplayedCall, name: string) =>
    simulation.line({ ...call, receivedAt: new Date(at).toISOString() }, name);
  customers.forEach((each, n) => take(each, `customer ${n}`));
  return calls
    .filter(({ call }) => call['event'] !== 'Message Sent')
    .map((each, n) => {
      take(each, `line ${n}`);
      return typeof each.call['event'] === 'string' && each.call['event'].startsWith('Message ')
        ? { at: each.at, call: aboutOne(each.call, sent) }
        : each;
    });
}

function aboutOne(call: ReplayedCall['call'], sent: readonly DeliveryDecision[]): ReplayedCall['call'] {
  const { template, rule, channel, ...said } = call['properties'] as { readonly [name: string]: string | undefined };
  const customer = call['userId'] ?? call['anonymousId'];
  const meant = sent.findLast(
    ({ message: { plan }, verdict }) =>
      plan.customer === customer &&
      plan.template === template &&
      (rule ?? plan.rule) === plan.rule &&
      (channel ?? verdict.channel) === verdict.channel,
  );
  if (meant === undefined) return call;
  const { plan } = meant.message;
  const properties = { ...said, ...messageProperties(plan, meant.verdict.channel) };
  return { ...call, messageId: `${plan.id}:${String(call['event'])}:${String(call['messageId'])}`, properties };
}

/** Tells Kairos of it as tracking and the webhooks of providers do; everything else goes as before. */
export function withFeedback({ backbone, loaded }: Standalone, send: SendCalls): SendCalls {
  return async (calls) => {
    const [first] = calls;
    if (first === undefined || calls.length > 1 || !isFeedback(first)) return send(calls);
    const { call } = first;
    const { machine, bot } = call['properties'] as { readonly machine?: boolean; readonly bot?: boolean };
    const feedback = {
      messageId: messageIdOf(call)!,
      kind: kindOf(call)!,
      at: Date.parse(String(call['timestamp'])),
      reason: bot === true ? ('bot' as const) : machine === true ? ('machine' as const) : null,
      copyOf: String(call['messageId']).split(':').slice(2).join(':'),
      detail: {},
      suppress: null,
    };
    const [fate] = await backbone.feedback.record([feedback], (told) => feedbackEvent(loaded.rulesets.current, told));
    if (fate !== 'recorded') throw new Error(`${feedback.messageId} ${feedback.kind}: ${fate}`);
  };
}
