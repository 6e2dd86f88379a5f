// Bugs that the judge of test/sim must find: each is one change of one source, made while it is loaded and nowhere else.
// promises.md names many of them; the others are what one would get wrong when writing the engine a second time.

const owner = 'libs/engine/src/trigger/partition-owner.ts';
const evaluation = 'libs/engine/src/trigger/evaluate-batch.ts';
const reader = 'libs/engine/src/trigger/read-record.ts';
const sender = 'libs/engine/src/trigger/outbox-sender.ts';
const jobs = 'libs/engine/src/trigger/open-jobs.ts';
const worker = 'libs/engine/src/trigger/job-worker.ts';
const intake = 'libs/engine/src/trigger/record-intake.ts';
const engine = 'libs/engine/src/trigger/trigger-engine.ts';
const tables = 'test/sim/model-tables.ts';
const feed = 'test/sim/model-feed.ts';

const KEPT_CACHE =
  'const kept = ((globalThis as any).kept ??= new WeakMap()); const of = kept.get(use.store) ?? new Map(); kept.set(use.store, of);' +
  'const known = of.get(feed.partition) ?? new StateCache(use.cacheBytes); of.set(feed.partition, known); this.cache = known;';

/** @type {{ name: string, file: string, find: string | string[], instead: string | string[] }[]} */
export const PLANTED_BUGS = [
  {
    name: 'the fence is not asked',
    file: tables,
    find: "if (commit.from.epoch !== epoch || commit.from.seq !== seq) return { kind: 'lost' };",
    instead: 'void epoch; void seq;',
  },
  {
    name: 'commits that do not move the offset pass without the fence',
    file: tables,
    find: 'if (commit.from.epoch !== epoch || commit.from.seq !== seq)',
    instead:
      'if ((commit.from.epoch !== epoch || commit.from.seq !== seq) && commit.nextOffset !== this.position.nextOffset)',
  },
  {
    name: 'timers and states are read before the take-over',
    file: owner,
    find: 'this.position = await store.takeOver(this.partition, owner);',
    instead:
      'await store.loadTimers(this.partition, (customerId, fireAt) => this.timers.set(customerId, fireAt));' +
      'this.position = await store.takeOver(this.partition, owner); store.loadTimers = async () => undefined;',
  },
  {
    name: 'the offset is committed early',
    file: owner,
    find: 'evaluation.draft(nextOffset, this.rulesets.current.number)',
    instead: 'evaluation.draft(nextOffset + 1, this.rulesets.current.number)',
  },
  {
    name: 'the offset is last offset + 1, whatever the log says comes next',
    file: feed,
    find: 'this.at = nextOffset;\n    return { records, nextOffset };',
    instead: 'this.at = nextOffset;\n    return { records, nextOffset: (records[0]?.offset ?? nextOffset - 1) + 1 };',
  },
  {
    name: 'what is cached outlives the take-over by another',
    file: owner,
    find: 'this.cache = new StateCache(use.cacheBytes);',
    instead: KEPT_CACHE,
  },
  {
    name: 'a batch evaluated ahead is kept after a failed commit',
    file: owner,
    find: ['this.cache = new StateCache(use.cacheBytes);', 'const outcome = await store.commit('],
    instead: [
      KEPT_CACHE.replaceAll('feed.partition', '`${feed.partition} ${feed.join}`'),
      'for (const write of draft.states) this.cache.set(write.customerId, write.state);\n      const outcome = await store.commit(',
    ],
  },
  {
    name: 'a cached state is never renewed',
    file: owner,
    find: 'for (const write of draft.states) this.cache.set(write.customerId, write.state);',
    instead: '',
  },
  {
    name: 'timers fire after the record that passed them',
    file: evaluation,
    find: 'this.due.fireBefore(logTime);\n',
    instead: 'this.due.fireBefore(this.logTime);\n',
  },
  {
    name: 'a tick moves nothing',
    file: intake,
    find: 'private keep({ offset, appendTime, value }: StreamRecord, asks: ReadRecord): void {',
    instead:
      'private keep({ offset, appendTime, value }: StreamRecord, asks: ReadRecord): void { if (value === null) return;',
  },
  {
    name: 'nobody ticks',
    file: engine,
    find: 'if (due.length === 0) return;',
    instead: 'if (due.length >= 0) return;',
  },
  {
    name: 'page views do not move the log time',
    file: intake,
    find: 'else if (appendTime <= this.logTime) return;',
    instead: 'else return;',
  },
  {
    name: 'a row that commits late is skipped',
    file: feed,
    find: 'const records = there.slice(0, this.host.batchSize());',
    instead:
      'const records = there.slice(0, this.host.batchSize()).filter(({ offset }, i) => i === 0 || offset % 7 !== 3);',
  },
  {
    name: 'the outbox is deleted before it is sent',
    file: sender,
    find: 'await this.stream.append(rows.map(toRequest));\n      this.acknowledged = rows.map(({ seq, n }) => ({ seq, n }));',
    instead:
      'this.acknowledged = rows.map(({ seq, n }) => ({ seq, n })); this.onAcknowledged();\n      await this.stream.append(rows.map(toRequest));',
  },
  {
    name: 'what the stream took is not given back after a failed commit, and is deleted all the same',
    file: tables,
    find: "if (commit.from.epoch !== epoch || commit.from.seq !== seq) return { kind: 'lost' };",
    instead:
      "if (commit.from.epoch !== epoch || commit.from.seq !== seq) { this.outbox = []; return { kind: 'lost' }; }",
  },
  {
    name: 'rows that delivery writes are sent once at most',
    file: sender,
    find: 'if (!this.wanted || this.acknowledged.length > 0) return;',
    instead:
      'if (!this.wanted || this.acknowledged.length > 0 || globalThis.sentOnce === this) return; globalThis.sentOnce = this;',
  },
  {
    name: 'a forwarded record gets a new id',
    file: reader,
    find: '[HEADER_ID]: event.id,\n      [HEADER_APPEND]: String(origin.append),\n      [HEADER_HOPS]: String(hops),',
    instead:
      '[HEADER_ID]: `${event.id}${record.offset}`,\n      [HEADER_APPEND]: String(origin.append),\n      [HEADER_HOPS]: String(hops),',
  },
  {
    name: 'a misplaced record is applied where it lies',
    file: reader,
    find: 'if (home.partition !== this.place.partition) return this.forward(',
    instead: 'if (home.partition < 0) return this.forward(',
  },
  {
    name: 'a copy of an event about a thing is told apart in memory only',
    file: jobs,
    find: 'this.heard = new Set(heard);',
    instead: 'void heard;',
  },
  {
    name: 'a job begins again at its cursor, itself included',
    file: worker,
    find: '[thing], job.cursor, this.host.pace.chunk',
    instead: "[thing], '00000000-0000-0000-0000-000000000000', this.host.pace.chunk",
  },
  {
    name: 'a ruleset holds from the batch on that its record is in',
    file: intake,
    find: 'if (standsAlone({ asks })) {\n        this.heldBack = true;\n        return;\n      }',
    instead: '',
  },
  {
    name: 'events about things are not finished before another ruleset holds',
    file: owner,
    find: 'if (!(await this.worker.finishItems())) return false;',
    instead: '',
  },
  {
    name: 'an owner that lost goes on at once, as if it had not',
    file: owner,
    find: "if (outcome.kind === 'lost') {\n        observer.fenceLost(this.partition);\n        return false;\n      }",
    instead: "if (outcome.kind === 'lost') return true;",
  },
];
