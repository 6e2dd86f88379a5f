import type { DeliveryObserver, EngineObserver } from '#engine';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** `unreadable` and `unauthorized` count requests: what they hold is not known. */
export type ReceivedResult = 'accepted' | 'refused' | 'unreadable' | 'unauthorized' | 'unavailable';

/** All series of a process under the names of interfaces.md, Metrics. No personal data in labels. */
export class Metrics {
  readonly registry = new Registry();
  private readonly received = this.counter(
    'events_received_total',
    'Events the collector was sent, by source and result',
    ['source', 'result'],
  );
  private readonly processed = this.counter('events_processed_total', 'Records that the engine stepped over', [
    'partition',
  ]);
  private readonly dead = this.counter('events_dead_lettered_total', 'Records parked, by reason', ['reason']);
  private readonly lag = this.gauge('consumer_lag_records', 'Records that are not applied yet', ['partition']);
  private readonly eventLag = this.gauge(
    'consumer_lag_seconds',
    "Host's clock minus the time of the event applied last; 0 where nothing is left to apply",
    ['partition'],
  );
  private readonly owned = this.gauge(
    'partitions_owned',
    'Partitions of this process: starting, catching_up, ready, or standing after a failure',
    ['state'],
  );
  private readonly delay = this.gauge('log_time_delay_seconds', "Host's clock minus the partition's log time", [
    'partition',
  ]);
  private readonly batchSeconds = this.histogram(
    'batch_duration_seconds',
    'Time of one batch by phase',
    ['phase'],
    SECONDS,
  );
  private readonly batchRecords = this.histogram(
    'batch_records',
    'Records of one batch',
    [],
    [1, 10, 100, 500, 1000, 2000, 4096],
  );
  private readonly cache = this.counter('cache_lookups_total', 'Looks for a state in memory', ['result']);
  private readonly fences = this.counter(
    'fence_lost_total',
    'Commits refused because another process owns the partition',
    ['partition'],
  );
  private readonly forwardedRecords = this.counter(
    'records_forwarded_total',
    'Records found on another partition than their key belongs to',
    ['client'],
  );
  private readonly starts = this.counter('rule_starts_total', 'Runs started', ['rule']);
  private readonly suspensions = this.counter(
    'rules_suspended_total',
    'Customers for whom a rule could not go on; without a rule: all that time brings about for them',
    ['rule'],
  );
  private readonly pending = this.gauge('timers_pending', 'Customers with a timer pending', []);
  private readonly fired = this.counter(
    'timers_fired_total',
    'Timers by what became of them: fired, late (born late by an event that came late), cancelled (what waited was ended), suspended',
    ['result'],
  );
  private readonly messages = this.counter(
    'messages_total',
    'Final decisions about messages; without rule and channel: of a process that was gone before the answer came',
    ['rule', 'channel', 'outcome', 'reason'],
  );
  private readonly deliverySeconds = this.histogram(
    'delivery_duration_seconds',
    'One attempt from claim to answer',
    ['channel', 'result'],
    SECONDS,
  );
  private readonly due = this.gauge('messages_due', 'Messages that may be judged now', []);
  private readonly circuits = this.gauge('provider_circuit_open', '1 while nobody answers at a provider', ['provider']);
  private readonly postponed = this.counter(
    'provider_postponed_total',
    'Attempts that were not begun, by why: rate (or a pause it asked for), circuit',
    ['provider', 'why'],
  );
  private readonly caps = this.counter('caps_held_total', 'Messages held or refused by a cap', ['cap']);

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  eventsReceived(source: string, result: ReceivedResult, count: number): void {
    this.received.inc({ source, result }, count);
  }

  capHeld(cap: string): void {
    this.caps.inc({ cap });
  }

  /** Decided without an attempt: suppressed. */
  messageDecided(rule: string, channel: string | null, outcome: string, reason: string | null): void {
    this.messages.inc({ rule, channel: channel ?? '', outcome, reason: reason ?? '' });
  }

  readonly engine: EngineObserver = {
    batchCommitted: (partition, records, phases) => {
      this.processed.inc({ partition }, records);
      this.batchRecords.observe(records);
      for (const phase of ['load', 'evaluate', 'commit'] as const)
        this.batchSeconds.observe({ phase }, phases[phase] / 1000);
    },
    progress: (partition, { delayMs, lag, eventLagMs }) => {
      this.delay.set({ partition }, delayMs / 1000);
      if (lag !== null) this.lag.set({ partition }, lag);
      if (eventLagMs !== null) this.eventLag.set({ partition }, eventLagMs / 1000);
    },
    released: (partition) => {
      for (const gauge of [this.delay, this.lag, this.eventLag]) gauge.remove({ partition });
    },
    partitions: (counts) => {
      for (const [state, count] of Object.entries(counts)) this.owned.set({ state: state.replace(' ', '_') }, count);
    },
    cacheLookups: (hits, misses) => {
      this.cache.inc({ result: 'hit' }, hits);
      this.cache.inc({ result: 'miss' }, misses);
    },
    timersPending: (count) => this.pending.set(count),
    timersFired: (counts) => {
      for (const [result, count] of Object.entries(counts)) this.fired.inc({ result }, count);
    },
    runsStarted: (rule, count) => this.starts.inc({ rule }, count),
    deadLettered: (reason) => this.dead.inc({ reason }),
    suspended: (rule) => this.suspensions.inc({ rule: rule ?? '' }),
    forwarded: (client) => this.forwardedRecords.inc({ client }),
    fenceLost: (partition) => this.fences.inc({ partition }),
  };

  /** Runs started by this process so far. */
  async runsStarted(): Promise<number> {
    return (await this.starts.get()).values.reduce((sum, { value }) => sum + value, 0);
  }

  readonly delivery: DeliveryObserver = {
    due: (count) => this.due.set(count),
    delivered: (channel, result, seconds) => this.deliverySeconds.observe({ channel, result }, seconds),
    leftUnknown: (count) => this.messages.inc({ rule: '', channel: '', outcome: 'unknown', reason: '' }, count),
    closed: (message, outcome, reason) => this.messageDecided(message.plan.rule, message.channel, outcome, reason),
  };

  /** What holds attempts at providers back; the names are those of the ways out. */
  readonly limits = {
    circuit: (provider: string, open: boolean): void => this.circuits.set({ provider }, open ? 1 : 0),
    postponed: (provider: string, why: 'rate' | 'circuit'): void => this.postponed.inc({ provider, why }),
  };

  private counter<const Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Counter<Label> {
    return new Counter({ name: `kairos_${name}`, help, labelNames, registers: [this.registry] });
  }

  private gauge<const Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name: `kairos_${name}`, help, labelNames, registers: [this.registry] });
  }

  private histogram<const Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ): Histogram<Label> {
    return new Histogram({ name: `kairos_${name}`, help, labelNames, buckets, registers: [this.registry] });
  }
}
