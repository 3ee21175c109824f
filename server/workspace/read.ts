/** One file's text -> Document with its suppressions. The same on the main thread and on a worker. */
import type { Document, LanguageId } from '../analysis/document.ts';
import type { GrammarId, ReadContext } from '../analysis/reader.ts';
import { type Placements, shift } from '../analysis/sql/shift.ts';
import type { Dialect } from '../analysis/sql/statement.ts';
import type { Cache } from './cache.ts';
import { readDump } from './dump.ts';
import { firstLine } from './files.ts';
import { languageOfPath, languageOfShebang, readerFor, readerOfLanguage } from './languages.ts';
import { baseName } from './paths.ts';
import { readSuppressions, type Suppression } from './suppression.ts';
import { createTreeKeeper, isGrammarLoaded, loadGrammar, type TreeKeeper } from './syntax.ts';
import { type FileText, LARGEST_FILE, readText } from './text.ts';

export interface ReadRequest {
  readonly path: string;
  /** What the editor or `--language` says; told from the name where absent. */
  readonly language?: LanguageId | undefined;
  readonly dialect?: Dialect | undefined;
}
/** Plain data, so that it crosses threads. */
export interface ReadResult {
  readonly path: string;
  /** Absent where nothing in the file can concern a rule. */
  readonly document?: Document | undefined;
  readonly suppressions: readonly Suppression[];
  /** One sentence each, without the path. */
  readonly problems: readonly string[];
  /** False where no reader takes the file. */
  readonly known: boolean;
}

const nothing = { suppressions: [], problems: [] } as const;

/** Reads from the disk. Never throws for what a file holds. */
export async function readFromDisk(request: ReadRequest, cache: Cache): Promise<ReadResult> {
  const language = request.language ?? languageOfPath(request.path) ?? shebangOf(request.path);
  if (readerFor(request.path, language) === undefined) return { path: request.path, known: false, ...nothing };
  const file = textOf(request.path, language);
  if ('unchecked' in file) return { path: request.path, known: true, suppressions: [], problems: [file.unchecked] };
  const keeper = createTreeKeeper();
  try {
    const result = await readFromText({ ...request, language }, file.text, cache, keeper);
    // Read while the tree is there: it is asked for later, and parsing twice would cost as much again.
    void result.document?.declares;
    return file.damaged === undefined ? result : { ...result, problems: [file.damaged, ...result.problems] };
  } finally {
    keeper.delete();
  }
}

/** A dump that is too large to be read whole is read without its rows. Nothing is ever written back to it: for that it is too large still. */
function textOf(path: string, language: LanguageId | undefined): FileText | { readonly unchecked: string } {
  const file = readText(path);
  if (!('unchecked' in file) || language !== 'sql' || !file.unchecked.includes(' MB, more than ')) return file;
  const text = readDump(path, LARGEST_FILE);
  return text === undefined ? file : { text, bom: false };
}

/** Reads a text that is already here; `keeper` holds the trees of the text before it, `placements` what was read of it. */
export async function readFromText(
  request: ReadRequest,
  text: string,
  cache: Cache,
  keeper: TreeKeeper,
  placements?: Placements,
): Promise<ReadResult> {
  const found = readerFor(request.path, request.language);
  if (found === undefined) return { path: request.path, known: false, ...nothing };
  const { reader, language } = found;
  if (!reader.concerns(text)) return { path: request.path, known: true, ...nothing };
  const own = reader.grammar?.(language);
  if (own !== undefined && !isGrammarLoaded(own)) await loadGrammar(own);
  const missing = new Set<GrammarId>();
  const context: ReadContext = {
    dialect: request.dialect,
    syntax(grammar, source, key) {
      if (!isGrammarLoaded(grammar)) missing.add(grammar);
      return keeper.syntax(grammar, source, key);
    },
    reader: readerOfLanguage,
    remember: cache.remember,
    place: placements === undefined ? shift : placements.place,
  };
  const source = { path: request.path, language, text };
  let document: Document;
  try {
    placements?.begin();
    document = reader.read(source, context);
    // Fences tell which grammars they need only while they are read.
    if (missing.size > 0) {
      await Promise.all([...missing].map(loadGrammar));
      placements?.begin();
      document = reader.read(source, context);
    }
  } catch (error) {
    // Readers are total; one that is not costs its file a sentence, not the run.
    const message = error instanceof Error ? error.message : String(error);
    return { path: request.path, known: true, suppressions: [], problems: [`could not be read as ${language}: ${message}`] };
  } finally {
    keeper.sweep();
    placements?.sweep();
  }
  return { path: request.path, known: true, document, ...readSuppressions(document, text) };
}

function shebangOf(path: string): LanguageId | undefined {
  return baseName(path).includes('.') ? undefined : languageOfShebang(firstLine(path));
}
