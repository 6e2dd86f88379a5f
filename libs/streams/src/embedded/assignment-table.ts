import type { Pool, PoolClient } from 'pg';
import { stickyAssignment } from '../feed/sticky-assignment.js';
import { MEMBER_LOCKS } from './log-signal.js';
import { transaction } from './transaction.js';

export interface Assigned {
  readonly partition: number;
  /** Raised whenever the partition changes hands. */
  readonly generation: number;
}

/**
 * Who of a group's members reads which partition, in `log_member` and `log_assignment`. A member lives as long as the
 * connection that holds its advisory lock, and at most `sessionMs` (by the database's clock) after its last heartbeat.
 * Whoever beats its heart clears away the dead and shares out anew; a lease is only to get a new owner soon, that the
 * old one writes nothing any more is the fence's doing.
 */
export class AssignmentTable {
  constructor(
    private readonly pool: Pool,
    private readonly stream: string,
    private readonly group: string,
    private readonly partitions: number,
    private readonly sessionMs: number,
  ) {}

  /** Returns what this member reads now. */
  async heartbeat(member: string): Promise<Assigned[]> {
    return this.alone(async (client) => {
      await client.query(
        `insert into log_member (stream, member_group, member_id) values ($1, $2, $3)
         on conflict (stream, member_group, member_id) do update set heartbeat_at = clock_timestamp()`,
        [this.stream, this.group, member],
      );
      await client.query(
        `delete from log_member where stream = $1 and member_group = $2 and member_id <> $3
            and (heartbeat_at < clock_timestamp() - $4 * interval '1 ms' or pg_try_advisory_xact_lock(hashtext($5), hashtext(member_id::text)))`,
        [this.stream, this.group, member, this.sessionMs, MEMBER_LOCKS],
      );
      return this.shareOut(client, member);
    });
  }

  /** Gives up what this member has and lets the others know. */
  async leave(member: string): Promise<void> {
    await this.alone(async (client) => {
      await client.query('delete from log_member where stream = $1 and member_group = $2 and member_id = $3', [
        this.stream,
        this.group,
        member,
      ]);
      await client.query('notify kairos_members');
    });
  }

  private async shareOut(client: PoolClient, me: string): Promise<Assigned[]> {
    const { rows: members } = await client.query<{ member_id: string }>(
      'select member_id from log_member where stream = $1 and member_group = $2',
      [this.stream, this.group],
    );
    const { rows } = await client.query<{ partition: number; member_id: string | null; generation: string }>(
      'select partition, member_id, generation from log_assignment where stream = $1 and member_group = $2',
      [this.stream, this.group],
    );
    const before = new Map(rows.map((row) => [row.partition, row]));
    const claims = members.map(({ member_id: member }) => ({
      member,
      owned: rows.filter((row) => row.member_id === member).map((row) => row.partition),
    }));
    const after = stickyAssignment(this.partitions, claims);
    const moved = [...after].flatMap(([member, mine]) =>
      mine.filter((p) => before.get(p)?.member_id !== member).map((partition) => ({ partition, member })),
    );
    if (moved.length > 0) await this.move(client, moved);
    const generation = (p: number) =>
      Number(before.get(p)?.generation ?? 0) + (moved.some(({ partition }) => partition === p) ? 1 : 0);
    return after.get(me)!.map((partition) => ({ partition, generation: generation(partition) }));
  }

  private async move(
    client: PoolClient,
    moved: readonly { readonly partition: number; readonly member: string }[],
  ): Promise<void> {
    await client.query(
      `insert into log_assignment as a (stream, member_group, partition, member_id, generation, assigned_at)
       select $1, $2, m.partition, m.member, 1, clock_timestamp() from unnest($3::smallint[], $4::uuid[]) m(partition, member)
       on conflict (stream, member_group, partition)
       do update set member_id = excluded.member_id, generation = a.generation + 1, assigned_at = excluded.assigned_at`,
      [this.stream, this.group, moved.map(({ partition }) => partition), moved.map(({ member }) => member)],
    );
    await client.query('notify kairos_members');
  }

  /** Members come and go one after the other. */
  private async alone<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return transaction(this.pool, async (client) => {
      await client.query('select pg_advisory_xact_lock(hashtext($1), hashtext($2))', [
        'kairos:members',
        `${this.stream}/${this.group}`,
      ]);
      return work(client);
    });
  }
}
