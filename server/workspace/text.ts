/** Bytes of a file -> text, or one sentence that says why not. */
import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Past this a file is generated, a dump or data: reading it would cost more than any finding in it is worth. */
export const LARGEST_FILE = 2 * 1024 * 1024;

export interface FileText {
  /** Without byte order mark. */
  readonly text: string;
  readonly bom: boolean;
  /** Where the bytes are not UTF-8: they were replaced by U+FFFD, so the file must not be written back. */
  readonly damaged?: string | undefined;
}

/** Never loads more than `LARGEST_FILE` bytes, whatever the file's size. */
export function readText(path: string): FileText | { readonly unchecked: string } {
  let bytes: Buffer;
  try {
    const file = openSync(path, 'r');
    try {
      const stat = fstatSync(file);
      if (!stat.isFile()) return { unchecked: 'is not a regular file, so it was not read' };
      if (stat.size > LARGEST_FILE) {
        const size = (stat.size / (1024 * 1024)).toFixed(1);
        return { unchecked: `is ${size} MB, more than the 2 MB TuneLens reads; split it, or exclude it in tunelens.toml` };
      }
      bytes = Buffer.allocUnsafe(stat.size);
      let filled = 0;
      while (filled < bytes.length) {
        const got = readSync(file, bytes, filled, bytes.length - filled, null);
        if (got === 0) break;
        filled += got;
      }
      if (filled < bytes.length) bytes = bytes.subarray(0, filled);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { unchecked: whyUnreadable(error) };
  }
  return decode(bytes);
}

/** The rules of `readText` for bytes that come from elsewhere (standard input). */
export function decode(bytes: Buffer): FileText | { readonly unchecked: string } {
  if (bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
    return { unchecked: 'is UTF-16; save it as UTF-8 to have it checked' };
  }
  // Text holds no NUL: the sign that git and grep go by, too.
  if (bytes.subarray(0, 8192).includes(0)) return { unchecked: 'is binary (it holds NUL bytes), so it was not read' };
  const bom = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const text = (bom ? bytes.subarray(3) : bytes).toString('utf8');
  if (isUtf8(bytes)) return { text, bom };
  const at = text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
  return {
    text,
    bom,
    damaged: `is not valid UTF-8 (line ${at}): read with the bad bytes replaced, and never rewritten; save it as UTF-8`,
  };
}

/** One sentence for an error of the file system. */
export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: permission denied; give yourself read access, or exclude it';
  if (code === 'ELOOP') return 'is a symbolic link that leads back to itself';
  if (code === 'EISDIR') return 'is a folder';
  if (code === 'EMFILE' || code === 'ENFILE') return 'cannot be read: too many open files; raise `ulimit -n`';
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
