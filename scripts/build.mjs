import { prepareOrExit } from './setup/prepare.mjs';

await prepareOrExit();
