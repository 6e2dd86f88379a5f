import { STATE_VERSION, STATE_VERSION_BEFORE, type StateVersion } from '#core';
import type { PostgresPool, Statement } from '../connect/postgres-pool.js';

const READ: Statement = { text: 'select state_version from stream_layout where stream = $1' };
const BEGIN: Statement = {
  text: 'update stream_layout set state_version = $2 where stream = $1 and state_version is null',
};
const FINISH: Statement = { text: 'update stream_layout set state_version = $2 where stream = $1' };

/** The states of this installation are of a version that this program neither reads nor writes. */
export class StateVersionError extends Error {
  readonly code = 'state_version';
  readonly retryable = false;

  constructor(readonly version: number) {
    super(
      version > STATE_VERSION
        ? `customers are stored in version ${version}, and this version of Kairos reads up to ${STATE_VERSION}: it is older than one whose \`kairos migrate --finish\` was run; use that one or a newer one`
        : `customers are stored in version ${version}, and this version of Kairos reads from ${STATE_VERSION_BEFORE} on: run the version of Kairos in between first, and its \`kairos migrate --finish\``,
    );
    this.name = 'StateVersionError';
  }
}

/** In which version states are to be written. Throws StateVersionError. */
export async function readStateVersion(pool: PostgresPool, stream: string): Promise<StateVersion> {
  const { rows } = await pool.run<{ state_version: number | null }>(READ, [stream]);
  const version = rows[0]?.state_version ?? STATE_VERSION;
  if (version !== STATE_VERSION && version !== STATE_VERSION_BEFORE) throw new StateVersionError(version);
  return version;
}

/** A new stream is written in this program's own version from the start. */
export async function beginStateVersion(pool: PostgresPool, stream: string): Promise<void> {
  await pool.run(BEGIN, [stream, STATE_VERSION]);
}

/**
 * From its next start on every process writes states in this program's own version, which the version before cannot
 * read. Returns the version until now. Throws StateVersionError.
 */
export async function finishStateVersion(pool: PostgresPool, stream: string): Promise<StateVersion> {
  const before = await readStateVersion(pool, stream);
  await pool.run(FINISH, [stream, STATE_VERSION]);
  return before;
}
