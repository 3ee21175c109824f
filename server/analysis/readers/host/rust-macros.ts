/**
 * What stands in a macro. The grammar gives tokens only: arguments are what stands between commas, and a path or field followed by
 * brackets is a call (`tokio::try_join!(db.load(x), db.count())`).
 */
import type { CallShape } from './language.ts';
import type { Syntax } from './syntax.ts';

/** The pieces between the commas of a token tree, each as one node: the token itself where there is only one. */
export function macroArguments(tokens: Syntax): Syntax[] {
  const pieces: Syntax[][] = [[]];
  for (const one of tokens.children.slice(1, -1)) {
    if (!one.named && (one.kind === ',' || one.kind === ';')) pieces.push([]);
    else if (!one.kind.endsWith('comment')) pieces.at(-1)?.push(one);
  }
  return pieces.filter((piece) => piece.length > 0).map((piece) => joined(piece, tokens));
}

function joined(piece: readonly Syntax[], parent: Syntax): Syntax {
  const [first] = piece;
  const last = piece.at(-1);
  if (first === undefined || last === undefined) return parent;
  if (piece.length === 1) return first;
  // `&name` and `name.field` are names; a closing bracket makes it a call; a leading bar a closure.
  const kind =
    last.kind === 'token_tree' || piece.some((one) => one.kind === 'token_tree')
      ? 'call_expression'
      : piece.every((one) => one.kind === 'identifier' || one.kind === 'self' || /^(?:&|\.|::|mut|mutable_specifier)$/.test(one.kind))
        ? 'identifier'
        : 'tokens';
  return { kind, field: '', named: true, start: first.start, end: last.end, children: [...piece], parent };
}

/** The call that a token tree in brackets is the arguments of; undefined where no name stands before it. */
export function tokenCall(node: Syntax, source: string): CallShape | undefined {
  const siblings = node.parent?.kind === 'token_tree' ? node.parent.children : undefined;
  if (siblings === undefined || source[node.start] !== '(') return undefined;
  const at = siblings.indexOf(node);
  const named = beforeTurbofish(siblings, at - 1);
  if (siblings[named]?.kind !== 'identifier') return undefined;
  const path = [siblings[named]];
  let first = named;
  while (first >= 2 && /^(?:\.|::)$/.test(siblings[first - 1]?.kind ?? '')) {
    const before: Syntax | undefined = siblings[first - 2];
    if (before === undefined || !/^(?:identifier|self|super|crate|token_tree|\?|await)$/.test(before.kind)) break;
    // A call in the middle of a chain: its name stands before its brackets.
    const called = before.kind === 'token_tree' ? beforeTurbofish(siblings, first - 3) : first - 2;
    const sign = siblings[first - 1];
    const part = siblings[called];
    if (sign === undefined || part === undefined || !/^(?:identifier|self|super|crate)$/.test(part.kind)) break;
    path.unshift(part, sign);
    first = called;
  }
  if (siblings[first - 1]?.kind === 'fn' || !inMacro(node)) return undefined;
  const callee = pathNode(path, node);
  if (callee === undefined) return undefined;
  const awaited = siblings[at + 1]?.kind === '.' && siblings[at + 2]?.kind === 'await';
  return { what: 'call', callee, arguments: macroArguments(node), awaited };
}

/** `first::<i64>`: where the name stands, from the token just before the brackets; that token itself where there are no type arguments. */
function beforeTurbofish(siblings: readonly Syntax[], from: number): number {
  let at = from;
  let depth = 0;
  do {
    const kind = siblings[at]?.kind ?? '';
    if (kind === '>' || kind === '>>') depth += kind.length;
    else if (kind === '<') depth--;
    if (depth <= 0) break;
    at--;
  } while (at > 0);
  return at < from && siblings[at - 1]?.kind === '::' ? at - 2 : from;
}

/** Attributes and the patterns of macro definitions are token trees too, and call nothing. */
function inMacro(node: Syntax): boolean {
  let at = node.parent;
  while (at?.kind === 'token_tree') at = at.parent;
  return at?.kind === 'macro_invocation';
}

/** The tokens of a path as the field expressions the grammar would have made of them. */
function pathNode(path: readonly Syntax[], parent: Syntax): Syntax | undefined {
  let node = path[0];
  for (let at = 2; at < path.length && node !== undefined; at += 2) {
    const sign = path[at - 1]?.kind;
    const name = path[at];
    if (name === undefined) return undefined;
    const scoped = sign === '::';
    node = {
      kind: scoped ? 'scoped_identifier' : 'field_expression',
      field: 'function',
      named: true,
      start: node.start,
      end: name.end,
      children: [
        { ...node, field: scoped ? 'path' : 'value' },
        { ...name, field: scoped ? 'name' : 'field' },
      ],
      parent,
    };
  }
  return node;
}
