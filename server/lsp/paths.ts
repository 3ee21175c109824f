/** URIs of the protocol and the absolute, forward-slashed paths the rest of the project speaks. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { normalPath } from '../workspace/paths.ts';

/**
 * The path of a document. One that is not a file (`untitled:Untitled-1`) gets a path that no file has:
 * it can be read and checked like any other, it only has no neighbours on disk.
 */
export function pathOf(uri: string): string {
  if (uri.startsWith('file:')) {
    try {
      return canonical(normalPath(fileURLToPath(uri)));
    } catch {
      // A file URI of another host or with broken escapes: nothing on this disk, but still a document.
    }
  }
  return normalPath(`/\0/${uri.replaceAll(/[:\\]/g, '/')}`);
}

/** The URI of a path that no client has named yet. */
export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}

/** Editors differ in the case of a Windows drive letter; one file must have one path. */
function canonical(path: string): string {
  return /^[a-z]:\//.test(path) ? `${path[0]?.toUpperCase()}${path.slice(1)}` : path;
}
