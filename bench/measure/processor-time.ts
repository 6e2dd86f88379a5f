import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { measure, type Sample } from './side.js';

const TICKS_A_SECOND = 100;

/**
 * Processor time that the PostgreSQL server of this machine has used so far, all its processes, s; null where it is not
 * on this machine or this machine has no /proc.
 */
export async function serverProcessorTime(url: string): Promise<() => number | null> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const postmaster = statOf(rows[0]!.pid)?.parent;
  await client.end();
  return () => (postmaster === undefined ? null : sumOf(postmaster));
}

/** As `measure`, and PostgreSQL's processor time counts as well, where it can be read. */
export async function measureWithServer(url: string): Promise<() => (events: number) => Sample> {
  const serverTime = await serverProcessorTime(url);
  return () => {
    const before = serverTime() ?? 0;
    const done = measure();
    return (events) => {
      const sample = done(events);
      return { ...sample, cpu: sample.cpu + (serverTime() ?? 0) - before };
    };
  };
}

function sumOf(postmaster: number): number {
  const children = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
  const living = children.filter(({ parent }) => parent === postmaster).map(({ own }) => own);
  const { own, ended } = statOf(postmaster)!;
  return living.reduce((sum, ticks) => sum + ticks, own + ended) / TICKS_A_SECOND;
}

/** proc(5): fields 4 (parent), 14 and 15 (own), 16 and 17 (children that were waited for), in ticks. */
function statOf(pid: number): { readonly parent: number; readonly own: number; readonly ended: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { parent: fields[1]!, own: fields[11]! + fields[12]!, ended: fields[13]! + fields[14]! };
  } catch {
    return undefined;
  }
}
