const BYTEA_OID = 17;
const HEADER_BYTES = 20;

/**
 * A one-dimensional `bytea[]` in PostgreSQL's binary format (src/backend/utils/adt/arrayfuncs.c, array_send): pg sends
 * Buffers as binary parameters, and would turn an array of them into hexadecimal text of twice the size.
 */
export function byteaArray(items: readonly (Buffer | null)[]): Buffer {
  let size = HEADER_BYTES;
  let hasNull = 0;
  for (const item of items) {
    size += 4 + (item?.length ?? 0);
    if (item === null) hasNull = 1;
  }
  const array = Buffer.allocUnsafe(size);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(hasNull, 4);
  array.writeInt32BE(BYTEA_OID, 8);
  array.writeInt32BE(items.length, 12);
  array.writeInt32BE(1, 16);
  let at = HEADER_BYTES;
  for (const item of items) {
    at = array.writeInt32BE(item?.length ?? -1, at);
    if (item !== null) at += item.copy(array, at);
  }
  return array;
}
