/** Asks the process that owns the servers of this test run for one of them; it is started when the first asks. */
export async function testServer<T>(name: 'kafka' | 'postgres'): Promise<T> {
  const url = process.env['KAIROS_TEST_SERVERS'];
  if (url === undefined) {
    throw new Error(
      'The servers of the test run are not there: libs/testkit/servers/jest-setup.mjs has to be globalSetup in jest.config.mjs.',
    );
  }
  const response = await fetch(`${url}/${name}`);
  const body = (await response.json()) as T & { message?: string };
  if (!response.ok) throw new Error(body.message);
  return body;
}

/** For hooks that may start a server, and the first time fetch it. */
export const SERVER_START_LIMIT_MS = 300_000;
