import type { FeedbackKind } from '#core';

/** What a provider says of one message of ours. */
export interface ProviderReport {
  /** As Kairos knows it, or only as the provider named it when it took it. */
  readonly message: { readonly id: string } | { readonly providerId: string };
  readonly kind: FeedbackKind;
  /** Of a bounce: `soft` where it failed for a while. */
  readonly bounce: 'hard' | 'soft' | null;
  /** Nobody can be reached at the address, or its owner does not want our messages. */
  readonly isAddressDead: boolean;
  /** When it happened, ms since 1970 UTC; null: the provider does not say. */
  readonly at: number | null;
  /** The provider's code of what went wrong. */
  readonly code: string | null;
  /** The same for copies of the report. */
  readonly copyOf: string;
}

export const REPORT = { bounce: null, isAddressDead: false, code: null } as const;
