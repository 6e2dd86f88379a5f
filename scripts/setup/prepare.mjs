import { build, buildIsCurrent } from './build.mjs';
import { dependenciesAreCurrent, installDependencies } from './dependencies.mjs';
import { onlyOne } from './only-one.mjs';
import { say } from './project.mjs';
import { requireNode } from './require-node.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * From a bare clone to a built one: the right Node, dependencies, dist. Tenths of a second when all is there.
 * `development`: tools for tests are needed too.
 */
export async function prepare({ development = false } = {}) {
  requireNode();
  const isReady = () => dependenciesAreCurrent({ development }) && buildIsCurrent();
  if (isReady()) return;
  await onlyOne(async () => {
    if (!dependenciesAreCurrent({ development })) await installDependencies();
    if (!buildIsCurrent()) await build();
  });
}

/** `prepare`, for programs: what the user can mend is one message and exit status 2. */
export async function prepareOrExit(options) {
  try {
    await prepare(options);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exit(2);
  }
}
