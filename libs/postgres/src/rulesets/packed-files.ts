import { gunzipSync, gzipSync } from 'node:zlib';

interface WorkspaceFileBytes {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Files as one value: for each, in the order of their paths, the length of the path (4 bytes, big-endian), the path, the
 * length of the content, the content. Stored compressed; compared by `plain`, since compressors change.
 */
export function packFiles(files: readonly WorkspaceFileBytes[]): { readonly plain: Buffer; readonly bytes: Buffer } {
  const parts: Buffer[] = [];
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const path = Buffer.from(file.path);
    parts.push(lengthOf(path), path, lengthOf(file.bytes), Buffer.from(file.bytes));
  }
  const plain = Buffer.concat(parts);
  return { plain, bytes: gzipSync(plain) };
}

export function unpackFiles(bytes: Buffer): readonly WorkspaceFileBytes[] {
  const plain = gunzipSync(bytes);
  const files: WorkspaceFileBytes[] = [];
  for (let at = 0; at < plain.length;) {
    const path = plain.subarray(at + 4, at + 4 + plain.readUInt32BE(at));
    at += 4 + path.length;
    const content = plain.subarray(at + 4, at + 4 + plain.readUInt32BE(at));
    at += 4 + content.length;
    files.push({ path: path.toString('utf8'), bytes: content });
  }
  return files;
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}
