import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { CommandError } from '../terminal/command-error.js';

/** What a template sees of a made-up customer; names given by `as` stand beside these. */
export interface Sample {
  readonly [name: string]: unknown;
  readonly customer: { readonly [name: string]: unknown };
}

/** Where nobody says what the sample is. */
const SOMEBODY: Sample = { customer: { id: 'sample', name: 'Ann', email: 'ann@shop.test' } };
const MAX_BYTES = 1_000_000;

/** A path as it is typed, or a name in the workspace's folder `samples`. Throws CommandError. */
export async function readSample(directory: string, workspace: string, sample: string | undefined): Promise<Sample> {
  if (sample === undefined) return SOMEBODY;
  const places = [
    resolve(directory, sample),
    ...['', '.yaml', '.json'].map((end) => join(workspace, 'samples', sample + end)),
  ];
  for (const place of places) {
    const text = await readFile(place, 'utf8').catch(() => null);
    if (text !== null) return parseSample(text, place);
  }
  throw new CommandError(
    `there is no sample "${sample}": it is a YAML or JSON file, or the name of one in ${join(workspace, 'samples')}`,
  );
}

function parseSample(text: string, place: string): Sample {
  let value: unknown;
  try {
    value = text.length > MAX_BYTES ? null : (parse(text, { maxAliasCount: 0 }) as unknown);
  } catch (error) {
    throw new CommandError(`${place} is neither YAML nor JSON: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
  if (!isMap(value)) throw new CommandError(`${place} holds no map such as { customer: { name: Ann } }`);
  const customer = value['customer'] ?? {};
  if (!isMap(customer)) throw new CommandError(`${place}: "customer" is a map of traits, such as { name: Ann }`);
  return { ...value, customer: { ...SOMEBODY.customer, ...customer } };
}

function isMap(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
