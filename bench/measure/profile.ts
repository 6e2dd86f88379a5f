import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

/** Where BENCH_PROFILE names a folder, what happens until the returned function is called is profiled into it. */
export async function profile(name: string): Promise<() => Promise<void>> {
  const folder = process.env['BENCH_PROFILE'];
  if (!folder) return async () => undefined;
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  return async () => {
    const result = await session.post('Profiler.stop');
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/${name}-${process.pid}.cpuprofile`, JSON.stringify(result.profile));
    session.disconnect();
  };
}
