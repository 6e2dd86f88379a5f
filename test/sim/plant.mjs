// node --import ./test/sim/plant.mjs with PLANTED_BUG=NAME: one source is loaded with that bug in it.
import { register } from 'node:module';

register('./planting-loader.mjs', import.meta.url);
