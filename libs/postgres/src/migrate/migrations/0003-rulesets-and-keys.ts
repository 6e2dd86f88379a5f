import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was published, from which position on each partition ran it, and the write keys of the collector. */
export class RulesetsAndKeys1764000000003 implements MigrationInterface {
  name = 'RulesetsAndKeys1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(RULESETS_AND_KEYS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop table write_key, ruleset_activation, ruleset_template, template_version, ruleset_rule, rule_version, ruleset`,
    );
  }
}

const RULESETS_AND_KEYS = `
create table ruleset (
  number bigint generated always as identity primary key,
  published_at timestamptz not null default clock_timestamp(),
  published_by text not null,
  content_hash bytea not null,
  -- The files, gzip over the length-prefixed pairs of path and bytes.
  files bytea not null
);
alter table ruleset alter column files set storage external;

-- Never deleted: messages and runs name them.
create table rule_version (
  rule text,
  version int,
  content_hash bytea not null,
  first_ruleset bigint not null references ruleset,
  primary key (rule, version)
);
create table ruleset_rule (
  ruleset bigint references ruleset,
  rule text,
  version int not null,
  primary key (ruleset, rule),
  foreign key (rule, version) references rule_version
);
create index on ruleset_rule (rule, version);

create table template_version (
  template text,
  version int,
  content_hash bytea not null,
  first_ruleset bigint not null references ruleset,
  primary key (template, version)
);
create table ruleset_template (
  ruleset bigint references ruleset,
  template text,
  version int not null,
  primary key (ruleset, template),
  foreign key (template, version) references template_version
);

create table ruleset_activation (
  stream text,
  partition smallint,
  ruleset bigint,
  log_offset bigint not null,
  at timestamptz not null default clock_timestamp(),
  primary key (stream, partition, log_offset, ruleset)
);

-- Only the hash of a key is kept, so that a copy of the database writes no events.
create table write_key (
  key_hash bytea primary key,
  kind text not null check (kind in ('server', 'browser')),
  name text not null,
  created_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz
);
`;
