import { customerIdOf, decodeState, partitionFor, type CustomerState, type Rulesets } from '#core';
import { loadRulesets } from '#engine';
import { commandSettings } from '../installation/command-settings.js';
import { withTables, type Tables } from '../installation/with-installation.js';
import { CommandError } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';

/** A customer's row, where it lies. */
export interface FoundCustomer {
  /** Under which all that is hers lies now; another one than asked for where that turned out to be hers. */
  readonly id: string;
  /** UUID text. */
  readonly customerId: string;
  readonly partition: number;
  /** null: the engine remembers nothing of her. */
  readonly state: CustomerState | null;
  readonly bytes: number;
}

const MOST_REDIRECTS = 8;

/** Follows ids to whom they belong. */
async function findCustomer(tables: Tables, id: string): Promise<FoundCustomer> {
  const partitions = await tables.partitions();
  if (partitions === 0) throw new CommandError('there is no event stream yet; start Kairos first (kairos start)');
  let found = await rowOf(tables, id, partitions);
  for (let k = 0; k < MOST_REDIRECTS && found.state?.identity.redirect != null; k++)
    found = await rowOf(tables, found.state.identity.redirect, partitions);
  return found;
}

async function rowOf({ store }: Tables, id: string, partitions: number): Promise<FoundCustomer> {
  const [customerId, partition] = [customerIdOf(id), partitionFor(id, partitions)];
  const bytes = (await store.loadStates(partition, [customerId])).get(customerId);
  const state = bytes === undefined ? null : decodeState(bytes);
  return { id, customerId, partition, state, bytes: bytes?.length ?? 0 };
}

/** Hands over the tables, the rulesets that runs may follow, and the customer. Throws CommandError, StoreError. */
export async function withCustomer<T>(
  terminal: Terminal,
  id: string,
  use: (tables: Tables, rulesets: Rulesets, customer: FoundCustomer) => Promise<T>,
): Promise<T> {
  return withTables(terminal, commandSettings(terminal), false, async (tables) => {
    const loaded = await loadRulesets(tables.rulesets);
    if (loaded === null)
      throw new CommandError('no rules are published yet; publish them first (kairos rules publish)');
    return use(tables, loaded.rulesets, await findCustomer(tables, id));
  });
}
