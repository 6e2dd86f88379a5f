import { createHash } from 'node:crypto';
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
}

interface Versioned {
  readonly name: string;
  readonly hash: Buffer;
}

const RULESET = `select number, ${msOf('published_at')} as published_at, published_by, files from ruleset`;

/** Rulesets and the versions of rules and templates; nothing of it is ever deleted (engine.md, Publishing). */
export class PostgresRulesetStore implements RulesetStore {
  constructor(private readonly pool: PostgresPool) {}

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
      if (before && before.content_hash.equals(hash)) return { number: before.number, unchanged: true };
      const made = await session.run<{ number: number }>(
        { text: 'insert into ruleset (published_by, content_hash, files) values ($1, $2, $3) returning number' },
        [request.publishedBy, hash, packed.bytes],
      );
      const { number } = made.rows[0]!;
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
      versions: Object.fromEntries(rows.map((entry) => [entry.rule, entry.version])),
    };
  }
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
