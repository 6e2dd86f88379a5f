import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KafkaSetupError } from './kafka-setup-error.mjs';

const run = promisify(execFile);
const OLDEST_JAVA = 17;
const CURE =
  `Install Java ${OLDEST_JAVA} or newer (Debian and Ubuntu: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk), ` +
  'or set KAFKA_BROKERS=host:port to use a broker that is already running.';

/** The command that starts Java: `$JAVA_HOME/bin/java`, else `java`. Throws KafkaSetupError `no_java` or `old_java`. */
export async function javaCommand(env = process.env) {
  const command = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java';
  const major = javaMajor(await versionText(command));
  if (major < OLDEST_JAVA) {
    throw new KafkaSetupError('old_java', `Kafka needs Java ${OLDEST_JAVA}, ${command} is Java ${major}. ${CURE}`, {
      details: { command, major },
    });
  }
  return command;
}

async function versionText(command) {
  try {
    return (await run(command, ['-version'])).stderr;
  } catch (cause) {
    // macOS has a `java` that only says where to download Java, and fails: the same to us as none.
    throw new KafkaSetupError('no_java', `No Java found (tried ${command}). ${CURE}`, { details: { command }, cause });
  }
}

/** `openjdk version "17.0.15"` is 17, `java version "1.8.0_402"` is 8. */
export function javaMajor(text) {
  const found = /version "(?:1\.)?(\d+)/.exec(text);
  return found ? Number(found[1]) : 0;
}
