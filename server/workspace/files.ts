/** Which files of the given folders are worth reading: .gitignore and the project's own excludes respected, every detour explained. */
import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import ignore, { type Ignore } from 'ignore';
import picomatch from 'picomatch';
import { languageOfPath, languageOfShebang, readerFor } from './languages.ts';
import { baseName, folderOf, foldersUp, isWithin, normalPath, relativeTo } from './paths.ts';
import type { Unchecked } from './project.ts';
import { whyUnreadable } from './text.ts';

/** Folders of other people's code, of tools and of build results: never walked into unless named. */
const skippedFolders = new Set(
  (
    'node_modules bower_components jspm_packages .git .hg .svn .jj dist target vendor third_party venv .venv site-packages ' +
    '__pycache__ .tox .nox .mypy_cache .pytest_cache .ruff_cache .hypothesis .eggs .next .nuxt .svelte-kit .turbo .cache ' +
    '.parcel-cache .yarn .pnpm-store .gradle .idea .terraform .vscode-test coverage'
  ).split(' '),
);
const skippedFiles =
  /(?:[.-]min\.(?:js|mjs|cjs|css)|\.bundle\.js|\.map|(?:^|\/)(?:package-lock\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|poetry\.lock|uv\.lock|Cargo\.lock|go\.sum|Pipfile\.lock))$/;

export interface WalkOptions {
  /** Globs that a folder's own settings exclude, relative to `folder`; asked once for each folder. */
  readonly excludes?: ((folder: string) => readonly { readonly folder: string; readonly globs: readonly string[] }[]) | undefined;
  readonly signal?: AbortSignal | undefined;
}
export interface Walked {
  /** Normal paths in a stable order: folder by folder, names sorted. */
  readonly files: readonly string[];
  readonly unchecked: readonly Unchecked[];
}

interface Layer {
  readonly folder: string;
  readonly rules: Ignore;
}
interface Walk {
  readonly files: Set<string>;
  readonly unchecked: Unchecked[];
  /** Real paths of folders reached through a symbolic link, so that none is walked twice. */
  readonly linked: Set<string>;
  readonly tops: readonly string[];
  readonly options: WalkOptions;
}

/** Named files are taken whatever the ignore rules say; named folders are walked by them. */
export async function walk(paths: readonly string[], options: WalkOptions = {}): Promise<Walked> {
  const tops = paths.map(normalPath);
  const state: Walk = { files: new Set(), unchecked: [], linked: new Set(), tops: tops.map(realOr), options };
  for (const path of tops) {
    options.signal?.throwIfAborted();
    try {
      const stat = statSync(path);
      if (stat.isDirectory()) await walkFolder(path, await layersAbove(path), state);
      else if (stat.isFile()) state.files.add(path);
      else state.unchecked.push({ path, reason: 'is neither a file nor a folder' });
    } catch (error) {
      options.signal?.throwIfAborted();
      state.unchecked.push({ path, reason: whyUnreadable(error) });
    }
  }
  return { files: [...state.files], unchecked: state.unchecked };
}

/** Whether a walk from one of the roots would reach this file; for files that the editor or a watcher names. */
export async function isIgnored(path: string, roots: readonly string[]): Promise<boolean> {
  const root = roots.find((folder) => isWithin(folder, path));
  if (root === undefined) return false;
  const layers: Layer[] = [...(await layersAbove(root))];
  const names = relativeTo(root, path).split('/');
  let folder = root;
  for (const [index, name] of names.entries()) {
    const own = await layerOf(folder);
    if (own !== undefined) layers.push(own);
    const last = index === names.length - 1;
    if (!last && skippedFolders.has(name)) return true;
    folder = folder.endsWith('/') ? folder + name : `${folder}/${name}`;
    if (ignoredBy(layers, folder, !last)) return true;
  }
  return skippedFiles.test(path);
}

async function walkFolder(folder: string, above: readonly Layer[], state: Walk): Promise<void> {
  state.options.signal?.throwIfAborted();
  let entries: import('node:fs').Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    state.unchecked.push({ path: folder, reason: whyUnreadable(error) });
    return;
  }
  const own = entries.some((entry) => entry.name === '.gitignore') ? await layerOf(folder) : undefined;
  const layers = own === undefined ? above : [...above, own];
  const excluded = exclusionsOf(folder, state.options);
  const folders: string[] = [];
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const entry of entries) {
    const path = folder.endsWith('/') ? folder + entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name) && !ignoredBy(layers, path, true) && !excluded(path)) folders.push(path);
    } else if (entry.isFile()) {
      if (wanted(path) && !ignoredBy(layers, path, false) && !excluded(path)) state.files.add(path);
    } else if (entry.isSymbolicLink()) {
      if (!ignoredBy(layers, path, false) && !excluded(path)) await followLink(path, folder, layers, state);
    }
  }
  for (const inner of folders) await walkFolder(inner, layers, state);
}

/** A link into a walked folder is looked at where it really is; one that leads out is followed once. */
async function followLink(path: string, folder: string, layers: readonly Layer[], state: Walk): Promise<void> {
  if (skippedFolders.has(baseName(path))) return;
  try {
    const real = normalPath(realpathSync(path));
    const stat = statSync(path);
    if (stat.isDirectory() && isWithin(real, realOr(folder))) {
      state.unchecked.push({ path, reason: 'is a symbolic link to a folder that contains it; it was not followed' });
      return;
    }
    if (state.tops.some((top) => isWithin(top, real)) || state.linked.has(real)) return;
    state.linked.add(real);
    if (stat.isDirectory()) await walkFolder(path, layers, state);
    else if (stat.isFile() && wanted(path)) state.files.add(path);
  } catch (error) {
    state.options.signal?.throwIfAborted();
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'is a symbolic link to something that does not exist' : whyUnreadable(error);
    state.unchecked.push({ path, reason });
  }
}

function wanted(path: string): boolean {
  if (skippedFiles.test(path)) return false;
  const language = languageOfPath(path);
  if (readerFor(path, language) !== undefined) return true;
  return !baseName(path).includes('.') && languageOfShebang(firstLine(path)) !== undefined;
}

/** The first 128 bytes up to the first line's end; empty where it cannot be read (then reading it says why). */
export function firstLine(path: string): string {
  const bytes = Buffer.alloc(128);
  try {
    const file = openSync(path, 'r');
    try {
      const got = readSync(file, bytes, 0, bytes.length, 0);
      return bytes.toString('latin1', 0, got).split(/\r?\n/, 1)[0] ?? '';
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

async function layerOf(folder: string, name = '.gitignore'): Promise<Layer | undefined> {
  try {
    const text = await readFile(`${folder}/${name}`, 'utf8');
    return { folder, rules: ignore().add(text) };
  } catch {
    // A folder without ignore file is the ordinary case; one that cannot be read ignores nothing.
    return undefined;
  }
}

/**
 * The ignore files that apply to a named folder from above it, outermost first, up to the repository's root.
 * When those would ignore the folder itself, the person who named it wants it: then they do not apply.
 */
async function layersAbove(folder: string): Promise<readonly Layer[]> {
  const layers: Layer[] = [];
  let found = false;
  for (const above of foldersUp(folder)) {
    if (above !== folder) {
      const layer = await layerOf(above);
      if (layer !== undefined) layers.unshift(layer);
    }
    try {
      statSync(`${above}/.git`);
      const local = await layerOf(above, '.git/info/exclude');
      if (local !== undefined) layers.unshift({ folder: above, rules: local.rules });
      found = true;
      break;
    } catch {
      // Not the repository's root: look further up.
    }
  }
  if (!found) return [];
  return layers.some((layer) => layer.folder !== folder) &&
    ignoredBy(
      layers.filter((layer) => layer.folder !== folder),
      folder,
      true,
    )
    ? []
    : layers;
}

/** Deeper ignore files have the last word, as in git. */
function ignoredBy(layers: readonly Layer[], path: string, isFolder: boolean): boolean {
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = layers[index];
    if (layer === undefined) continue;
    const relative = relativeTo(layer.folder, path);
    if (relative === '') continue;
    const { ignored, unignored } = layer.rules.test(isFolder ? `${relative}/` : relative);
    if (ignored) return true;
    if (unignored) return false;
  }
  return false;
}

function exclusionsOf(folder: string, options: WalkOptions): (path: string) => boolean {
  const layers = options.excludes?.(folder) ?? [];
  const tests = layers.filter(({ globs }) => globs.length > 0).map(({ folder: base, globs }) => ({ base, test: globsMatcher(globs) }));
  if (tests.length === 0) return () => false;
  return (path) => tests.some(({ base, test }) => isWithin(base, path) && test(relativeTo(base, path)));
}

const matchers = new Map<string, (path: string) => boolean>();
/** As people write them: `generated/` and `generated` exclude what is under them, too. */
export function globsMatcher(globs: readonly string[]): (path: string) => boolean {
  const key = globs.join('\n');
  let matcher = matchers.get(key);
  if (matcher === undefined) {
    const patterns = globs.flatMap((glob) => {
      const bare = glob.replace(/^\.?\//, '').replace(/\/+$/, '');
      return [bare, `${bare}/**`];
    });
    matcher = picomatch(patterns, { dot: true });
    matchers.set(key, matcher);
  }
  return matcher;
}

/** The path itself where it is a folder, else the folder it stands in. */
export function nearestFolder(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : folderOf(path);
}

function realOr(path: string): string {
  try {
    return normalPath(realpathSync(path));
  } catch {
    return path;
  }
}
