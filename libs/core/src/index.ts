export * from './customer/customer-state.js';
export { rememberAsked, TOMBSTONE_MS } from './customer/identity-state.js';
export * from './customer/tombstone.js';
export * from './customer/byte-pages.js';
export * from './customer/state-codec.js';
export * from './delivery/consent-codec.js';
export * from './delivery/consent.js';
export * from './delivery/inbox-codec.js';
export { addressOf, devicesOf, sameAddress, type Device } from './delivery/address.js';
export { ContactFormatError } from './delivery/contact-format-error.js';
export { narrowSlots, pruneSlots, type SlotFate } from './delivery/contact-slots.js';
export { contentHash } from './delivery/content-hash.js';
export * from './delivery/engagement-codec.js';
export { EngagementRecord, isByMachine } from './delivery/engagement.js';
export * from './delivery/fallback.js';
export * from './delivery/decide-customer.js';
export * from './delivery/decide-delivery.js';
export * from './delivery/decision-codec.js';
export * from './delivery/decision.js';
export * from './delivery/delivery-policy.js';
export * from './delivery/describe-decision.js';
export { compareCodePoints, judgedBefore } from './delivery/judging-order.js';
export * from './delivery/preferences.js';
export * from './delivery/preferences-codec.js';
export * from './delivery/release-spread.js';
export * from './delivery/slot-codec.js';
export * from './delivery/wishes.js';
export * from './event/customer-id.js';
export * from './event/event.js';
export { glanceAtLine, type LineGlance } from './event/glance-at-line.js';
export * from './event/look-at-event.js';
export * from './event/partition.js';
export * from './event/read-event.js';
export * from './event/validate-call.js';
export * from './links/feedback-token.js';
export * from './links/preferences-token.js';
export { isMachine, isTooSoon, type LinkRequest } from './links/recognise-machine.js';
export * from './links/tracking-tokens.js';
export * from './links/unsubscribe-token.js';
export { isUserSignature, userSignature } from './links/user-signature.js';
export type { CsvMapping } from './mapping/mapping.js';
export { RowReader, type MissingColumn, type RowReading } from './mapping/map-row.js';
export { readMapping, type MappingReading } from './mapping/read-mapping.js';
export * from './rules/index.js';
export * from './time/agenda.js';
export * from './time/calendar.js';
export * from './time/civil-day.js';
export * from './time/quiet-hours.js';
export * from './time/zone.js';
export * from './trigger/apply-event.js';
export * from './trigger/apply-item-event.js';
export * from './trigger/computed/customer-values.js';
export * from './trigger/computed/fill-history.js';
export { isJoined, joinCustomers } from './trigger/identity/join-customers.js';
export { followJoin } from './trigger/identity/follow-join.js';
export { joinConsents } from './delivery/join-consents.js';
export * from './trigger/computed/watched-items.js';
export type { Kept, ComputedState } from './customer/computed-state.js';
export * from './trigger/compile-ruleset.js';
export * from './trigger/compiled-rule.js';
export * from './trigger/effects.js';
export * from './trigger/evaluate-who.js';
export * from './trigger/explaining/describe-state.js';
export { reportCondition, type ConditionReport } from './trigger/explaining/report-condition.js';
export * from './trigger/fire-timers.js';
export * from './trigger/suspended-timer.js';
export { textFingerprint } from './customer/text-hash.js';
export { adoptRuleset } from './trigger/follow-customer.js';
export * from './trigger/ruleset.js';
export * from './trigger/start-existing.js';
export { nestedSteps } from './rules/nested-steps.js';
export { mayPass } from './trigger/may-pass.js';
export * from './trigger/missing-rule-version-error.js';
export type { EvaluateOptions } from './trigger/evaluation.js';
export { formatInstant, parseInstant } from './event/instant.js';
export * from './customer/state-format-error.js';
export { drawChance } from './trigger/chance.js';
export { messageIdOf } from './trigger/message-id.js';
export type { Chance } from './trigger/chance-decider.js';
export {
  FEEDBACK_KINDS,
  feedbackEventName,
  messageEvent,
  messageEventId,
  messageProperties,
  type FeedbackKind,
  type MessageFate,
} from './trigger/message-event.js';
export { storageOf, type KeptThing, type StorageReport } from './trigger/storage/storage-of-ruleset.js';
