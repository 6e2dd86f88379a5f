import { userInfo } from 'node:os';
import { findKeptSecret, type Config } from '#config';
import { AddressHasher, type CustomerIds, type PostgresCustomerEraser } from '#postgres';
import { commandSettings } from '../installation/command-settings.js';
import { withTables } from '../installation/with-installation.js';
import { instant } from '../messages/list.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { notKnown } from './not-known.js';

export interface EraseOptions {
  readonly yes?: boolean;
  readonly reason?: string;
}

/** An engine that runs has come to the records long before; one that does not will, whenever it runs. */
const [LOOK_MS, LOOKS] = [250, 40];

/** `kairos customers erase`: everything that is kept of a customer, once her id was typed again. */
export async function erase(terminal: Terminal, id: string, options: EraseOptions): Promise<ExitStatus> {
  const { yes = false, reason = null } = options;
  if (!yes && terminal.ask === undefined)
    throw new CommandError(
      `nobody is there who could confirm that ${id} is to be erased; run it on a terminal, or with --yes`,
    );
  const config = commandSettings(terminal);
  return withTables(terminal, config, false, async (tables) => {
    const eraser = await tables.eraser();
    const ids = await eraser.find(id);
    if (!ids.isKnown) return notKnown(terminal, id, ids);
    const hasher = await hasherFor(config, eraser);
    if (!yes && !(await confirm(terminal, ids))) {
      terminal.err.line('that is another id: nothing was erased');
      return EXIT.findings;
    }
    const { at, messages, addresses } = await eraser.erase(ids, { by: userInfo().username, reason, hasher });
    terminal.out.line(`${ids.id} was erased ${instant(at)}`);
    terminal.err.line(
      `${count(messages, 'message')} still counted, without her; ${count(addresses, 'address', 'addresses')} recognised and never written to again`,
    );
    if (!(await isDone(eraser, ids)))
      terminal.err.line(
        'what the trigger engine remembers of her goes as soon as it has read the record of it: it does not run now, or is behind',
      );
    return EXIT.fine;
  });
}

/** The secret must be that of delivery: hashed with another one her address would be a stranger's. */
async function hasherFor({ secret, data }: Config, eraser: PostgresCustomerEraser): Promise<AddressHasher> {
  const known = secret ?? findKeptSecret(data, 'secret');
  if (known === null)
    throw new CommandError(
      'KAIROS_SECRET is not set, and without it her addresses could not be recognised later; set it to what delivery has, or KAIROS_DATA to the folder of `kairos start`',
    );
  const hasher = new AddressHasher(() => known);
  if (await eraser.isRecognised(hasher)) return hasher;
  throw new CommandError(
    'KAIROS_SECRET is not the one that delivery has: her addresses would not be recognised; set it to that one (or KAIROS_DATA to the folder of `kairos start`)',
  );
}

async function confirm(terminal: Terminal, { id, customers }: CustomerIds): Promise<boolean> {
  const others = customers.filter((other) => other !== id);
  terminal.err.line(
    `Everything that is kept of customer ${id} is erased for good${others.length === 0 ? '' : `, also as ${others.join(', ')}`}.`,
  );
  return (await terminal.ask!('Type her id again to erase her: ')).trim() === id;
}

async function isDone(eraser: PostgresCustomerEraser, ids: CustomerIds): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    if (await eraser.isDone(ids)) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return eraser.isDone(ids);
}

function count(number: number, one: string, many = `${one}s`): string {
  return number === 1 ? `1 ${one} is` : `${number} ${many} are`;
}
