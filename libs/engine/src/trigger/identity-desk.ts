import {
  customerIdOf,
  followJoin,
  isJoined,
  isSwallowed,
  joinCustomers,
  newCustomerState,
  partitionFor,
  rememberAsked,
  type CustomerEvent,
  type CustomerState,
  type Effects,
  type OtherId,
  type Rulesets,
  type StateVersion,
} from '#core';
import type { OutboxRecord } from '../ports/partition-store.js';
import { eraseRecord } from './erase-record.js';
import { handoverRecord, linkRecord, redirectedEvent, type Handover, type Link } from './identity-records.js';

/** A customer whom a batch has in hand. */
export interface InHand {
  state: CustomerState;
  changed: boolean;
  /** Her timers cannot be fired: none is armed until something happens to her. */
  aside?: boolean;
}

/** What joining needs of the batch it happens in. */
export interface IdentityHost {
  readonly rulesets: Rulesets;
  readonly effects: Effects;
  readonly partition: number;
  readonly partitions: number;
  /** In which states are written. */
  readonly stateVersion: StateVersion;
  /** Where the log stands, ms. */
  readonly logTime: () => number;
  /** A customer of this partition, new if nobody knew of her; loaded with the batch. */
  readonly touch: (customerId: string, customer: string) => InHand;
  /** Her state was replaced or has changed outside of an event of hers. */
  readonly settle: (customerId: string, inHand: InHand) => void;
  readonly send: (record: OutboxRecord) => void;
  /** What delivery keeps of `from` is `to`'s from now on. */
  readonly mergeContacts: (from: string, to: string, time: number) => void;
}

/**
 * Makes ids that are one customer one state, across partitions (engine.md, Identity): a pair that is seen for the first
 * time asks the other id's partition (`Link`), which gives its state away once and for all (`Handover`) and leaves a
 * redirect; all in the transactions of the batches in which it happens, each step once however often it is said.
 */
export class IdentityDesk {
  constructor(private readonly host: IdentityHost) {}

  /** Another id that an event names beside its customer's; returns whether it became hers right here. */
  meet(inHand: InHand, event: CustomerEvent, other: OtherId): boolean {
    const { state } = inHand;
    if (isJoined(state, other.id)) return false;
    const link: Link = {
      recordId: `${event.id}/link`,
      id: other.id,
      customer: state.id,
      kind: other.kind,
      named: true,
      time: event.time,
      since: this.host.logTime(),
      hops: 1,
    };
    if (partitionFor(other.id, this.host.partitions) === this.host.partition) return this.joinHere(inHand, link);
    if (rememberAsked(state.identity, other.id)) {
      inHand.changed = true;
      this.host.send(linkRecord(link));
    }
    return false;
  }

  private handOver(handover: Handover): void {
    this.host.send(handoverRecord(handover, this.host.stateVersion));
  }

  /** This partition is asked for the state of one of its ids. */
  answer(link: Link): void {
    const customerId = customerIdOf(link.id);
    const asked = this.host.touch(customerId, link.id);
    const { identity } = asked.state;
    // It was said of one who was erased since.
    if (isSwallowed(asked.state, link.time, link.since)) return;
    // The first wins: a shared device makes no two customers one.
    if (identity.redirect !== null) return this.passOn(link, identity.redirect, identity.glued);
    if (link.customer === link.id || isJoined(asked.state, link.customer)) return;
    switch (this.whoStays(asked.state, link)) {
      case 'customer':
        return this.giveAway(customerId, asked, link);
      case 'asked': {
        if (!rememberAsked(identity, link.customer)) return;
        asked.changed = true;
        this.host.send(linkRecord({ ...link, id: link.customer, customer: link.id, hops: link.hops + 1 }));
      }
    }
  }

  /** A state that another id of the customer had comes to her, once. */
  receive(handover: Handover): void {
    const customerId = customerIdOf(handover.customer);
    const inHand = this.host.touch(customerId, handover.customer);
    const { redirect, erased } = inHand.state.identity;
    // It was on its way when she was erased: the id that gave it away goes the same way.
    if (isSwallowed(inHand.state, handover.time, handover.since)) {
      const { recordId, state, hops } = handover;
      return this.host.send(eraseRecord({ recordId: `${recordId}/erase`, id: state.id, at: erased!, hops: hops + 1 }));
    }
    if (redirect !== null && redirect !== handover.state.id)
      return this.handOver({ ...handover, customer: redirect, hops: handover.hops + 1 });
    if (isJoined(inHand.state, handover.state.id)) return;
    // Two ids that each gave themselves to the other: this one stays.
    inHand.state.identity.redirect = null;
    this.join(inHand, handover.state, handover.time);
    const { rulesets, effects, logTime } = this.host;
    followJoin(rulesets, inHand.state, handover.time, logTime(), effects);
    this.host.settle(customerId, inHand);
  }

  /** An event of an id that is somebody else's goes to her. */
  redirect(event: CustomerEvent, customer: string, origin: { readonly append: number; readonly hops: number }): void {
    this.host.send(redirectedEvent(event, customer, origin.append, origin.hops + 1));
  }

  /** Both ids are at home here: what a link and a hand-over do happens at once, before the event is applied. */
  private joinHere(inHand: InHand, link: Link): boolean {
    const otherId = customerIdOf(link.id);
    const other = this.host.touch(otherId, link.id);
    const { identity } = other.state;
    if (isSwallowed(other.state, link.time, link.since)) return false;
    if (identity.redirect !== null) {
      this.passOn(link, identity.redirect, identity.glued);
      return false;
    }
    if (this.whoStays(other.state, link) === 'customer') {
      const from = this.leave(otherId, other, link);
      this.join(inHand, from, link.time);
      return true;
    }
    this.host.send(linkRecord({ ...link, id: link.customer, customer: link.id }));
    return false;
  }

  /**
   * A device is the customer's who named it. Of two known customers the smaller internal id stays, and of two ids that
   * each claim the other.
   */
  private whoStays({ id, identity }: CustomerState, { customer, kind, named }: Link): 'customer' | 'asked' {
    const areEqual = (kind === 'alias' && named && identity.named) || identity.asked.includes(customer);
    return areEqual && customerIdOf(id) < customerIdOf(customer) ? 'asked' : 'customer';
  }

  private giveAway(customerId: string, inHand: InHand, link: Link): void {
    const state = this.leave(customerId, inHand, link);
    const { customer, time, since, recordId, hops } = link;
    this.handOver({ recordId: `${recordId}/handover`, customer, state, time, since, hops: hops + 1 });
  }

  /** Takes the state out and leaves the redirect. */
  private leave(customerId: string, inHand: InHand, { customer, kind, named }: Link): CustomerState {
    const { state } = inHand;
    inHand.state = newCustomerState(state.id);
    inHand.state.identity.redirect = customer;
    inHand.state.identity.glued = kind === 'alias' && named && state.identity.named;
    inHand.state.identity.named = state.identity.named;
    inHand.state.identity.erased = state.identity.erased;
    inHand.changed = true;
    this.host.settle(customerId, inHand);
    return state;
  }

  private join(inHand: InHand, from: CustomerState, time: number): void {
    const { rulesets, effects, logTime, mergeContacts } = this.host;
    joinCustomers(rulesets, inHand.state, from, logTime(), effects);
    inHand.changed = true;
    mergeContacts(from.id, inHand.state.id, time);
  }

  /** Whoever is one with an id that was one with another known customer is one with that one. */
  private passOn(link: Link, redirect: string, glued: boolean): void {
    if (link.kind !== 'alias' || !glued || redirect === link.customer) return;
    this.host.send(linkRecord({ ...link, id: redirect, hops: link.hops + 1 }));
  }
}
