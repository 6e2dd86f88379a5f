import { createHash, randomUUID } from 'node:crypto';
import type { PublishedRuleset, PublishRequest, RulesetStore } from '#engine';
import { byteaArray, int4Array, textArray } from '../binary/binary-arrays.js';
import { msOf } from '../connect/clock-parameters.js';
import type { PostgresPool, Session } from '../connect/postgres-pool.js';
import { packFiles, unpackFiles } from './packed-files.js';

interface RulesetRow {
  readonly number: number;
  readonly published_at: number;
  readonly published_by: string;
  readonly files: Buffer;
  readonly stopped: readonly string[];
}

interface Versioned {
  readonly name: string;
  readonly hash: Buffer;
}

const RULESET = `select number, ${msOf('published_at')} as published_at, published_by, files, stopped from ruleset`;

/** One record a partition, sent by its owner; `$1` stream, `$2` number of the ruleset. */
const ANNOUNCE = `
  insert into stream_outbox (stream, partition, seq, n, record_id, target_partition, value, headers, hops)
  select $1, p, 0, nextval('stream_outbox_n'), 'ruleset/' || $2::text || '/' || p, p,
         convert_to(json_build_object('ruleset', $2::bigint)::text, 'UTF8'),
         json_build_object('kairos-kind', 'ruleset'), 0
    from stream_layout l, generate_series(0, l.partitions - 1) p where l.stream = $1`;

/** Behind the ruleset's; `$1` stream, `$2` id of the request. */
const ASK_TO_START = `
  insert into stream_outbox (stream, partition, seq, n, record_id, target_partition, value, headers, hops)
  select $1, p, 0, nextval('stream_outbox_n'), $2 || '/' || p, p,
         convert_to(json_build_object('start', $2::text)::text, 'UTF8'),
         json_build_object('kairos-kind', 'start'), 0
    from stream_layout l, generate_series(0, l.partitions - 1) p where l.stream = $1`;

/** Rulesets and the versions of rules and templates; nothing of it is ever deleted (engine.md, Publishing). */
export class PostgresRulesetStore implements RulesetStore {
  /** @param stream whose partitions are told */
  constructor(
    private readonly pool: PostgresPool,
    private readonly stream: string,
  ) {}

  async publish(request: PublishRequest): Promise<{ readonly number: number; readonly unchanged: boolean }> {
    const packed = packFiles(request.files);
    const hash = hashOf(packed.plain);
    return this.pool.transaction(async (session) => {
      // One publication at a time: numbers and versions follow each other without gaps in meaning.
      await session.run({ text: `select pg_advisory_xact_lock(hashtext('kairos:publish'))` });
      const latest = await session.run<{ number: number; content_hash: Buffer }>({
        text: 'select number, content_hash from ruleset order by number desc limit 1',
      });
      const before = latest.rows[0];
      if (before && before.content_hash.equals(hash)) {
        await askToStart(session, this.stream, before.number, request);
        return { number: before.number, unchanged: true };
      }
      const stopped = await stoppedRules(session, before?.number ?? null, request);
      const made = await session.run<{ number: number }>(
        {
          text: 'insert into ruleset (published_by, content_hash, files, stopped) values ($1, $2, $3, $4) returning number',
        },
        [request.publishedBy, hash, packed.bytes, textArray(stopped)],
      );
      const { number } = made.rows[0]!;
      await session.run({ text: ANNOUNCE }, [this.stream, number]);
      await askToStart(session, this.stream, number, request);
      const contentOf = new Map(request.files.map((file) => [file.path, file.bytes]));
      await writeVersions(
        session,
        'rule',
        number,
        request.rules.map(({ name, path }) => ({ name, hash: hashOfParts([path], contentOf) })),
      );
      await writeVersions(
        session,
        'template',
        number,
        request.templates.map(({ name, paths }) => ({ name, hash: hashOfParts(paths, contentOf) })),
      );
      return { number, unchanged: false };
    });
  }

  async latest(): Promise<PublishedRuleset | null> {
    const { rows } = await this.pool.run<RulesetRow>({ text: `${RULESET} order by number desc limit 1` });
    return rows[0] ? this.withVersions(rows[0]) : null;
  }

  async latestNumber(): Promise<number | null> {
    const { rows } = await this.pool.run<{ number: number | null }>({
      text: 'select max(number) as number from ruleset',
    });
    return rows[0]?.number ?? null;
  }

  async at(number: number): Promise<PublishedRuleset | null> {
    const { rows } = await this.pool.run<RulesetRow>({ text: `${RULESET} where number = $1` }, [number]);
    return rows[0] ? this.withVersions(rows[0]) : null;
  }

  async activation(number: number): Promise<{ readonly active: number; readonly partitions: number }> {
    const { rows } = await this.pool.run<{ active: number; partitions: number }>(
      {
        text: `select l.partitions,
                      (select count(*)::int from stream_partition p where p.stream = l.stream and (p.ruleset = 0 or p.ruleset >= $2)) as active
                 from stream_layout l where l.stream = $1`,
      },
      [this.stream, number],
    );
    return { active: rows[0]?.active ?? 0, partitions: rows[0]?.partitions ?? 0 };
  }

  async startsWaiting(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.pool.run<{ rule: string; waiting: number }>(
      {
        text: `select j.task ->> 'rule' as rule, count(l.customer_id)::int as waiting
                 from partition_job j left join start_list l using (stream, partition, log_offset)
                where j.stream = $1 and j.task ->> 'kind' = 'start' group by 1`,
      },
      [this.stream],
    );
    return new Map(rows.map(({ rule, waiting }) => [rule, waiting]));
  }

  async knownVersions(): Promise<readonly { readonly rule: string; readonly version: number }[]> {
    const { rows } = await this.pool.run<{ rule: string; version: number }>({
      text: 'select rule, version from rule_version order by first_ruleset desc, rule, version desc',
    });
    return rows;
  }

  async containing(rule: string, version: number): Promise<PublishedRuleset | null> {
    const { rows } = await this.pool.run<RulesetRow>(
      { text: `${RULESET} where number = (select max(ruleset) from ruleset_rule where rule = $1 and version = $2)` },
      [rule, version],
    );
    return rows[0] ? this.withVersions(rows[0]) : null;
  }

  private async withVersions(row: RulesetRow): Promise<PublishedRuleset> {
    const { rows } = await this.pool.run<{ rule: string; version: number }>(
      { text: 'select rule, version from ruleset_rule where ruleset = $1' },
      [row.number],
    );
    return {
      number: row.number,
      publishedAt: row.published_at,
      publishedBy: row.published_by,
      files: unpackFiles(row.files),
      stopped: row.stopped,
      versions: Object.fromEntries(rows.map((entry) => [entry.rule, entry.version])),
    };
  }
}

async function askToStart(
  session: Session,
  stream: string,
  ruleset: number,
  { startExisting, publishedBy }: PublishRequest,
): Promise<void> {
  if (startExisting === undefined) return;
  const { rule, perHour, counted } = startExisting;
  const id = `start/${ruleset}/${randomUUID()}`;
  await session.run(
    {
      text: `insert into start_request (id, rule, per_hour, counted, ruleset, asked_by) values ($1, $2, $3, $4, $5, $6)`,
    },
    [id, rule, perHour, int4Array(counted), ruleset, publishedBy],
  );
  await session.run({ text: ASK_TO_START }, [stream, id]);
}

/** Those stopped before, and with `stop` those that are missing now; without those that are there (again). */
async function stoppedRules(
  session: Session,
  before: number | null,
  { removed, rules }: PublishRequest,
): Promise<readonly string[]> {
  if (before === null) return [];
  const known = await session.run<{ rule: string; stopped: boolean }>(
    {
      text: `select unnest(stopped) as rule, true as stopped from ruleset where number = $1
             union select rule, false from ruleset_rule where ruleset = $1`,
    },
    [before],
  );
  const present = new Set(rules.map(({ name }) => name));
  const gone = known.rows.filter((row) => !present.has(row.rule) && (row.stopped || removed === 'stop'));
  return [...new Set(gone.map((row) => row.rule))].sort();
}

/** The latest version where its text is the same, otherwise the next one; both are recorded as part of this ruleset. */
async function writeVersions(
  session: Session,
  kind: 'rule' | 'template',
  ruleset: number,
  wanted: readonly Versioned[],
): Promise<void> {
  if (wanted.length === 0) return;
  const known = await session.run<{ name: string; version: number; content_hash: Buffer }>({
    text: `select distinct on (${kind}) ${kind} as name, version, content_hash from ${kind}_version order by ${kind}, version desc`,
  });
  const latest = new Map(known.rows.map((row) => [row.name, row]));
  const versions = wanted.map(({ name, hash }) => {
    const last = latest.get(name);
    const same = last?.content_hash.equals(hash) ?? false;
    return { name, hash, version: last === undefined ? 1 : same ? last.version : last.version + 1, isNew: !same };
  });
  const added = versions.filter((entry) => entry.isNew);
  if (added.length > 0) {
    await session.run(
      {
        text: `insert into ${kind}_version (${kind}, version, content_hash, first_ruleset)
               select w.name, w.version, w.hash, $1 from unnest($2::text[], $3::int4[], $4::bytea[]) w (name, version, hash)`,
      },
      [
        ruleset,
        textArray(added.map((entry) => entry.name)),
        int4Array(added.map((entry) => entry.version)),
        byteaArray(added.map((entry) => entry.hash)),
      ],
    );
  }
  await session.run(
    {
      text: `insert into ruleset_${kind} (ruleset, ${kind}, version)
             select $1, w.name, w.version from unnest($2::text[], $3::int4[]) w (name, version)`,
    },
    [ruleset, textArray(versions.map((entry) => entry.name)), int4Array(versions.map((entry) => entry.version))],
  );
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function hashOfParts(paths: readonly string[], contentOf: ReadonlyMap<string, Uint8Array>): Buffer {
  const parts = [...paths].sort().map((path) => ({ path, bytes: contentOf.get(path) ?? new Uint8Array(0) }));
  return hashOf(packFiles(parts).plain);
}
