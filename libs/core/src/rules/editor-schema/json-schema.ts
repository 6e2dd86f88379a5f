import type { FieldTable, Reader } from '../reading/fields.js';

/** As much of JSON Schema (draft 7) as editors need here. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: string;
  readonly enum?: readonly (string | boolean)[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: { readonly [key: string]: JsonSchema };
  readonly patternProperties?: { readonly [pattern: string]: JsonSchema };
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly minProperties?: number;
  readonly required?: readonly string[];
  readonly dependencies?: { readonly [key: string]: JsonSchema };
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly definitions?: { readonly [name: string]: JsonSchema };
}

export type ValueSchema = (type: string, place: string) => JsonSchema;

/**
 * A map as the table that reads it: its keys, which must be there, and its sentences as hover texts.
 * @param choice keys of which exactly one must be there
 */
export function mapSchema(
  table: FieldTable,
  value: ValueSchema,
  place: string,
  choice: readonly string[] = [],
): JsonSchema {
  const properties: { [key: string]: JsonSchema } = {};
  const required: string[] = [];
  for (const [key, field] of Object.entries(table)) {
    if (field.presence === 'elsewhere') continue;
    properties[key] = { ...behind(field.reader, value, `${place}.${key}`), description: describe(field) };
    if (field.presence === 'required' && !choice.includes(key)) required.push(key);
  }
  return {
    type: 'object',
    properties,
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
    ...(choice.length === 0 ? {} : exactlyOne(choice)),
  };
}

/** A closed list of words is called by its words; all other readers have a name for what they read. */
function behind({ type, allowed }: Reader<unknown>, value: ValueSchema, place: string): JsonSchema {
  return allowed !== undefined && allowed.join(', ') === type ? { type: 'string', enum: allowed } : value(type, place);
}

export function exactlyOne(keys: readonly string[]): Pick<JsonSchema, 'oneOf'> {
  return { oneOf: keys.map((key) => ({ required: [key] })) };
}

/** Keys that mean something only beside one of others. */
export function beside(...keys: readonly string[]): JsonSchema {
  return { anyOf: keys.map((key) => ({ required: [key] })) };
}

function describe(
  field: { readonly doc: string } & (
    { readonly presence: 'default'; readonly written: string } | { readonly presence: string }
  ),
): string {
  return 'written' in field ? `${field.doc} Default: ${field.written}.` : field.doc;
}
