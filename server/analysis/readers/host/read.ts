/** A host language's reader: items from the tree, put together into a Document. */
import { findConnections } from '../../calls/connections.ts';
import type { Call, Document, FunctionScope, Loop } from '../../document.ts';
import { emptyDocument, type ReadContext, type Reader, type Source } from '../../reader.ts';
import { declaring } from '../../schema/read-host.ts';
import { lineStarts } from '../../span.ts';
import { dialectOfImports, dialectOfPath } from '../../sql/dialect.ts';
import { completeSettings } from '../host-settings.ts';
import { concernsHost } from './concerns.ts';
import { resolveConstants } from './constants.ts';
import { type Fragment, none, type RawCall } from './fragment.ts';
import { readItems } from './items.ts';
import type { HostLanguage } from './language.ts';
import { queriesOf } from './queries.ts';

export function hostReader(language: HostLanguage): Reader {
  return {
    id: language.id,
    languages: language.languages,
    files: [],
    grammar: (id) => language.grammarOf(id),
    concerns: concernsHost,
    read: (source, context) => read(language, source, context),
  };
}

function read(language: HostLanguage, source: Source, context: ReadContext): Document {
  const empty = emptyDocument(source, lineStarts(source.text));
  const found = readItems(language, source, context);
  if (found === undefined) return empty;
  const { fragment, types } = found;
  const modules = [...fragment.imports.map((entry) => entry.module), ...language.modules(fragment.imports, source.text)];
  const imported = dialectOfImports(modules);
  const dialect = context.dialect ?? (imported === 'unknown' ? dialectOfPath(source.path) : imported);
  const { queries, settings } = queriesOf(
    resolveConstants(fragment),
    fragment.functions,
    dialect,
    language.percentParameters(modules),
    context,
  );
  const functions = fragment.functions.map((one): FunctionScope => ({ ...one, parent: known(one.parent) }));
  const calls = callsOf(fragment);
  const connected = findConnections({ language: source.language, calls, imports: fragment.imports, queries, functions });
  const document: Document = {
    ...empty,
    queries,
    settings: completeSettings(source, [...settings, ...connected.settings]),
    functions,
    loops: loopsOf(fragment),
    calls,
    connections: connected.connections,
    imports: fragment.imports,
    types,
    reads: language.lazyAttributes ? fragment.reads.map((one) => ({ ...one, function: known(one.function) })) : undefined,
    directives: fragment.comments,
  };
  const declares = declaring(source, language.grammarOf(source.language), context);
  return declares === undefined ? document : Object.defineProperty(document, 'declares', { get: declares, enumerable: true });
}

function known(index: number): number | undefined {
  return index >= 0 ? index : undefined;
}

function callsOf(fragment: Fragment): Call[] {
  const closed = new Set(fragment.notes.filter((note) => note.kind === 'closed').map((note) => `${note.function} ${note.name}`));
  const callOf = (one: RawCall): Call => ({
    callee: one.callee,
    name: one.name,
    receiver: one.receiver,
    span: one.span,
    nameSpan: one.nameSpan,
    arguments: one.arguments,
    awaited: one.awaited,
    result: one.result,
    scoped: one.scoped || (closed.size > 0 && one.result !== undefined && closed.has(`${one.function} ${one.result}`)),
    chain: known(one.chain),
    function: known(one.function),
    loop: known(one.loop),
  });
  return fragment.calls.map(callOf);
}

function loopsOf(fragment: Fragment): Loop[] {
  const gathered = new Set<string>();
  for (const note of fragment.notes) if (note.kind === 'gathered') gathered.add(`${note.function} ${note.name}`);
  const together = new Set<number>();
  for (const note of fragment.notes) {
    if (note.kind === 'collected' && gathered.has(`${note.function} ${note.name}`)) together.add(note.loop);
  }
  const listed = listedNames(fragment);
  return fragment.loops.map(
    (one, index): Loop => ({
      ...one,
      fixed: one.fixed ?? (one.over === undefined ? undefined : listed(one.over, one.function)),
      concurrent: one.concurrent || together.has(index),
      function: known(one.function),
      parent: known(one.parent),
    }),
  );
}

/** Tells whether an iterated expression is a name bound to a collection written out, and nothing was added to it. */
function listedNames(fragment: Fragment): (over: string, at: number) => true | undefined {
  const names = new Map<string, Set<number>>();
  const grown = new Set<string>();
  for (const note of fragment.notes) {
    if (note.kind === 'grown') grown.add(note.name);
    if (note.kind !== 'listed') continue;
    const scopes = names.get(note.name);
    if (scopes === undefined) names.set(note.name, new Set([note.function]));
    else scopes.add(note.function);
  }
  return (over, at) => {
    const name = listedName
      .exec(over)
      ?.slice(1)
      .find((part) => part !== undefined);
    const scopes = name === undefined || grown.has(name) ? undefined : names.get(name);
    if (name === undefined || scopes === undefined) return undefined;
    for (let scope = at; scope >= 0; scope = fragment.functions[scope]?.parent ?? none) {
      if (scopes.has(scope)) return true;
      if (fragment.functions[scope]?.parameters.some((parameter) => parameter.name === name) === true) return undefined;
    }
    return scopes.has(none) ? true : undefined;
  };
}
/** `NAMES`, `&NAMES`, `NAMES.items()`, `names.iter()`, `Object.entries(NAMES)`. */
const listedName =
  /^&?(\w+)(?:\.(?:iter|into_iter|items|keys|values|entries)\(\))?$|^(?:Object\.(?:entries|keys|values)|enumerate|sorted|reversed|zip)\((\w+)\)$/;
