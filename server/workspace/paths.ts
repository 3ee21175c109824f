/** Paths as the project writes them: absolute, with forward slashes, so that one file has one key on every system. */
import { resolve, sep } from 'node:path';

export function normalPath(path: string): string {
  const absolute = resolve(path);
  return sep === '/' ? absolute : absolute.replaceAll(sep, '/');
}

/** The folder of a normal path; a root is its own folder. */
export function folderOf(path: string): string {
  const at = path.lastIndexOf('/');
  if (at <= 0) return '/';
  const folder = path.slice(0, at);
  return /^[A-Za-z]:$/.test(folder) ? `${folder}/` : folder;
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `path` is the folder itself or stands somewhere under it. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** `path` as seen from `folder`; the empty string for the folder itself. Only for paths within it. */
export function relativeTo(folder: string, path: string): string {
  return path === folder ? '' : path.slice(folder.endsWith('/') ? folder.length : folder.length + 1);
}

/** The folder and every folder above it, nearest first. */
export function* foldersUp(folder: string): Generator<string> {
  for (let at = folder; ; at = folderOf(at)) {
    yield at;
    if (folderOf(at) === at) return;
  }
}
