/** Where the value of an expression goes: into a call, into a name, or nowhere that matters. */
import { type Callee, calleeOf } from './callee.ts';
import type { HostLanguage } from './language.ts';
import { child, type Syntax } from './syntax.ts';

export interface Bound {
  readonly name?: string | undefined;
  readonly scoped: boolean;
  readonly awaited: boolean;
}

/** What the result of a call is bound to, looking through await, brackets, casts and methods that hand the result on. */
export function bindingOf(node: Syntax, language: HostLanguage, source: string): Bound | undefined {
  let awaited = false;
  let at = node;
  for (let parent = at.parent; parent !== undefined; parent = at.parent) {
    if (language.awaits.has(parent.kind)) awaited = true;
    else if (language.choices.has(parent.kind)) {
      if (at.field === 'condition') break;
    } else if (!language.transparent.has(parent.kind)) {
      const member = language.members.get(parent.kind);
      const call = parent.parent;
      const name = member && child(parent, member[1]);
      const passes =
        name !== undefined &&
        at.field === member?.[0] &&
        call !== undefined &&
        language.callKinds.has(call.kind) &&
        language.passing.has(source.slice(name.start, name.end));
      if (!passes) {
        const found = language.binding(at, parent, source);
        if (found === undefined) return awaited ? { scoped: false, awaited } : undefined;
        return { ...found, awaited: awaited || found.awaited === true };
      }
      at = call;
      continue;
    }
    at = parent;
  }
  return awaited ? { scoped: false, awaited } : undefined;
}

export type Role =
  | { readonly kind: 'argument'; readonly call: Syntax; readonly key?: string | undefined; readonly listed: boolean }
  | {
      readonly kind: 'bound';
      readonly name?: string | undefined;
      /** The object or dictionary it is an entry of. */
      readonly owner?: string | undefined;
      readonly direct: boolean;
    }
  | { readonly kind: 'returned' };

/** Objects, dictionaries and structs written out: the key was noted at their entry. */
const records = /^(?:object|dictionary|composite_literal|literal_value|field_initializer_list|struct_expression)$/;
/** Functions that hand SQL on: the call that counts is the one around them. */
const wrappers = new Set(
  'text TextClause SQL sql raw unsafe dedent cleandoc unindent indoc formatdoc concat from format format_args Sprintf Sprint TrimSpace Rebind In AssertSqlSafe str String new'.split(
    ' ',
  ),
);
/** Methods of a string that leave the SQL in it as it is. */
const tidying = new Set(
  'strip lstrip rstrip trim trimStart trimEnd to_string to_owned into as_str as_ref clone format toString stripIndent'.split(' '),
);

export function roleOf(literal: Syntax, language: HostLanguage, source: string): Role | undefined {
  let at = literal;
  let key: string | undefined;
  let listed = false;
  let awaited = false;
  let wrapper: Syntax | undefined;
  for (let parent = at.parent; parent !== undefined; parent = at.parent) {
    if (language.callKinds.has(parent.kind) && at.field !== 'function' && language.strings.has(at.kind)) {
      // A tagged template: its tag is called with it.
      const tag = calledBy(parent, language, source);
      if (tag.what === 'mention') return undefined;
      // TypeScript's grammar reads await sql<Row[]>`…` as a call of `await sql`.
      if (tag.what === 'call' || tag.awaited) return { kind: 'argument', call: parent, key, listed };
      wrapper ??= parent;
      at = parent;
      continue;
    }
    if (language.awaits.has(parent.kind)) awaited = true;
    else if (language.argumentLists.has(parent.kind)) {
      const call = parent.parent;
      if (call === undefined) return undefined;
      const { what } = calledBy(call, language, source);
      if (what === 'mention') return undefined;
      if (what === 'call') return { kind: 'argument', call, key, listed };
      wrapper ??= call;
      at = call;
      continue;
    } else if (language.transparent.has(parent.kind) || language.collections.has(parent.kind) || records.test(parent.kind)) {
      if (language.collections.has(parent.kind) && key === undefined) listed = true;
    } else if (language.choices.has(parent.kind)) {
      if (at.field === 'condition' || comparing(parent)) return undefined;
    } else {
      const entry = language.entry(parent, source);
      if (entry !== undefined) {
        if (at.field === 'key' || entry.value.start > at.start || entry.value.end < at.end) return undefined;
        key = key === undefined ? entry.key : key;
        at = parent;
        continue;
      }
      const member = language.members.get(parent.kind);
      if (member !== undefined) {
        const name = child(parent, member[1]);
        const call = parent.parent;
        if (name === undefined || call === undefined || at.field !== member[0] || !language.callKinds.has(call.kind)) return undefined;
        const method = source.slice(name.start, name.end);
        // sql.SQL("…").format(…) and dedent("…").format(…) are still what they were made of.
        if (!tidying.has(method) && method !== 'format') {
          // sql`…`.execute(db): the method runs what stands before it.
          return wrapper === undefined ? undefined : { kind: 'argument', call: wrapper, key, listed: false };
        }
        at = call;
        continue;
      }
      if (awaited && wrapper !== undefined) return { kind: 'argument', call: wrapper, key, listed: false };
      if (language.returns.has(parent.kind))
        return wrapper === undefined ? { kind: 'returned' } : { kind: 'argument', call: wrapper, key, listed: false };
      const bound = language.binding(at, parent, source);
      if (bound !== undefined)
        return {
          kind: 'bound',
          name: key ?? bound.name,
          owner: key === undefined ? undefined : bound.name,
          direct: key === undefined && !listed && wrapper === undefined,
        };
      if (/^(expression_list|expression_statement|arrow_function|block|closure_expression|lambda)$/.test(parent.kind)) {
        if (parent.kind === 'expression_list') {
          at = parent;
          continue;
        }
        // The last expression of a body is its value; a string standing alone in a statement is a docstring.
        if (
          at.field === 'body' ||
          (parent.kind === 'block' && parent.children.findLast((one) => one.named) === at && language.id === 'rust')
        )
          return { kind: 'returned' };
      }
      return wrapper === undefined ? undefined : { kind: 'argument', call: wrapper, key, listed: false };
    }
    at = parent;
  }
  return wrapper === undefined ? undefined : { kind: 'argument', call: wrapper, key, listed: false };
}

function comparing(parent: Syntax): boolean {
  return parent.children.some((one) => !one.named && /^(==|!=|===|!==|<|>|in|%|\*)$/.test(one.kind));
}

/**
 * Calls that do not run what they are given: logs, errors, assertions, searches in strings; and those that take a piece of a
 * statement: query builders, Django's RawSQL, string builders.
 */
const mentioning = new Set(
  (
    'print println printf eprintln eprint dbg debug info warn warning error err exception critical fatal fatalf errorf log trace panic todo ' +
    'unimplemented unreachable describe it test suite step bail anyhow ensure echo secho write_line startswith endswith startsWith endsWith ' +
    'includes contains indexOf lastIndexOf HasPrefix HasSuffix Contains EqualFold starts_with ends_with match matches search replace replaceAll ' +
    'split test assert assert_eq assert_ne require expect toBe toEqual toContain toMatch toStrictEqual toHaveBeenCalledWith ' +
    'toHaveBeenNthCalledWith assertEqual assertIn assertNotIn assertTrue assertContains assertRegex assertLogs add_argument help Errorf ' +
    'Error Fatal Fatalf Logf Log Skip Skipf Run Printf Println Print Info Infof Debug Debugf Warn Warnf Warning Warningf Infow Debugw ' +
    'Warnw Errorw Equal NotEqual Msg Msgf WithField Wrap Wrapf gettext _ t useState setError setMessage compile context with_context map_err map_res ok_or ok_or_else ' +
    'Join LeftJoin RightJoin InnerJoin FullJoin join joins leftJoin innerJoin rightJoin Where where andWhere orWhere whereRaw Having having ' +
    'Column Columns column columns selectRaw orderByRaw fromRaw joinRaw addSelect RawSQL literal literal_column extra WriteString write_str ' +
    'push_str insert_str push_sql Fprintf Fprint Fprintln'
  ).split(' '),
);
const mentioningReceiver =
  /(^|[._:])(errors|xerrors|log|logger|logging|console|tracing|slog|zap|logrus|assert|require|expect|toast|sys\.stderr|parser|warnings|messages|re|regexp)!?$/i;
const throwing = /(Error|Exception|Warning|Errorf)$/;

interface CalledBy {
  readonly what: 'call' | 'wrapper' | 'mention';
  readonly awaited: boolean;
}

function calledBy(call: Syntax, language: HostLanguage, source: string): CalledBy {
  const shape = language.shape(call, source);
  if (shape?.what !== 'call') return { what: 'mention', awaited: false };
  const callee = calleeOf(shape, language, source);
  return { what: whatIs(callee), awaited: callee.awaited };
}

function whatIs(callee: Callee): CalledBy['what'] {
  if (callee.receiver !== undefined && mentioningReceiver.test(callee.receiver)) return 'mention';
  if (wrappers.has(callee.name)) return 'wrapper';
  return throwing.test(callee.name) || mentioning.has(callee.name) ? 'mention' : 'call';
}
