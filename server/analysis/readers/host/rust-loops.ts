/** Loops of Rust, and the iterator adapters that are loops. */
import { type Callback, type CallShape, type Shape, set, text } from './language.ts';
import { child, descendants, type Syntax } from './syntax.ts';

const adapters = set(
  'map for_each filter_map flat_map filter fold try_for_each try_fold for_each_concurrent try_for_each_concurrent then inspect any all find position map_while take_while scan',
);
/** Only iterators and streams have these. */
const iteratorOnly =
  /^(?:for_each|filter_map|flat_map|try_for_each|for_each_concurrent|try_for_each_concurrent|fold|try_fold|map_while|take_while|position)$/;
const iterators =
  /\.(?:iter|into_iter|iter_mut|drain|keys|values|values_mut|lines|chars|split|split_whitespace|chunks|windows|par_iter|into_par_iter|enumerate|zip|rev|skip|take|chain|filter|map|filter_map|flat_map)\s*\(|stream::iter|\.\.[=\w)]/;
/** Names bound by a pattern: `Some(row)`, `(a, b)`, `Path(id)`. Types and constants are written with a capital. */
export function names(node: Syntax | undefined, source: string): string[] {
  if (node === undefined) return [];
  const all = [node, ...descendants(node)];
  return all
    .filter((one) => (one.kind === 'identifier' && one.field !== 'type') || one.kind === 'shorthand_field_identifier')
    .map((one) => source.slice(one.start, one.end))
    .filter((name) => /^[a-z_]/.test(name) && name !== '_');
}

export function loopShape(node: Syntax, source: string): Shape | undefined {
  const body = child(node, 'body');
  if (body === undefined) return undefined;
  if (node.kind === 'loop_expression') return { what: 'loop', kind: 'endless', body, variables: [], streaming: false, once: [] };
  if (node.kind === 'for_expression') {
    const over = child(node, 'value');
    const variables = names(child(node, 'pattern'), source);
    const range = over?.kind === 'range_expression' ? source.slice(over.start, over.end) : undefined;
    const collection = range === undefined ? undefined : /([A-Za-z_][\w.]*)\.len\(\)/.exec(range)?.[1];
    const at =
      collection === undefined || over === undefined ? undefined : [...descendants(over)].find((one) => text(one, source) === collection);
    return {
      what: 'loop',
      kind: range !== undefined && at === undefined ? 'counted' : 'each',
      body,
      over: at ?? over,
      variables,
      streaming: false,
      once: over === undefined ? [] : [over],
    };
  }
  const condition = child(node, 'condition');
  const words = condition === undefined ? '' : source.slice(condition.start, condition.end);
  const endless = words === 'true';
  return {
    what: 'loop',
    kind: endless ? 'endless' : 'while',
    body,
    over: endless ? undefined : condition?.kind === 'let_condition' ? child(condition, 'value') : condition,
    variables: condition?.kind === 'let_condition' ? names(child(condition, 'pattern'), source) : [],
    streaming: condition?.kind === 'let_condition' && /\.(?:next|try_next|next_row|recv|fetch)\s*\(/.test(words),
    once: [],
  };
}

export function callback(call: CallShape, name: string, receiver: Syntax | undefined, source: string): Callback | undefined {
  if (receiver === undefined || !adapters.has(name)) return undefined;
  const run = call.arguments.findLast(
    (one) => one.kind === 'closure_expression' || one.kind === 'identifier' || one.kind === 'scoped_identifier',
  );
  if (run === undefined || run !== call.arguments.at(-1)) return undefined;
  // Option and Result have `map`, `filter`, `then` and `inspect` too, and are no loops.
  const words = source.slice(receiver.start, receiver.end);
  if (!iteratorOnly.test(name) && !iterators.test(words)) return undefined;
  if (run.kind !== 'closure_expression' && name !== 'map' && name !== 'for_each') return undefined;
  return { function: run, over: receiver, concurrent: /concurrent$/.test(name) || /\.(?:par_iter|into_par_iter)\(/.test(words) };
}
