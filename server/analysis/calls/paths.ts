/** Expressions and types as text: what can be told from how they are written. */

/**
 * A called expression or receiver reduced to its names: `(await self.db.lock()?).conn` -> `self.db.lock.conn`.
 * Arguments, indexes, `?`, `!`, `await`, `&`, `*` and `new` are left out; `::` stays.
 */
export function namePath(text: string): string {
  // Most are plain already.
  if (/^[A-Za-z_$][\w$]*(?:(?:\.|::)[A-Za-z_$][\w$]*)*$/.test(text) && !text.includes('.await')) return text;
  let out = '';
  let depth = 0;
  const source = text.replace(/\b(await|new|yield|go|defer|mut)\s+/g, '');
  for (let at = 0; at < source.length; at++) {
    const unit = source[at] ?? '';
    if (unit === '(' || unit === '[' || unit === '{') {
      // A bracket that opens the expression only groups it.
      if (out === '' && unit === '(') continue;
      depth++;
    } else if (unit === ')' || unit === ']' || unit === '}') {
      if (depth > 0) depth--;
    } else if (depth === 0 && /[\w.:$@]/.test(unit)) out += unit;
    else if (depth === 0 && unit === '<') {
      const close = source.indexOf('>', at);
      if (close < 0) break;
      at = close;
    } else if (depth === 0 && unit === '-' && source[at + 1] === '>') {
      out += '.';
      at++;
    }
  }
  return out
    .replace(/\.await\b/g, '')
    .replace(/::(?=$|\.|::)/g, '')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.:]+|[.:]+$/g, '');
}

/** `self.db.conn` -> `['self', 'db', 'conn']`; `a::B::c` -> `['a', 'B', 'c']`. */
export function segments(path: string): string[] {
  return path === '' ? [] : path.split(/\.|::/);
}

export function lastName(path: string): string {
  const at = Math.max(path.lastIndexOf('.'), path.lastIndexOf(':'));
  return at < 0 ? path : path.slice(at + 1);
}

const wrappers =
  /^(?:\w+(?:::|\.))*(?:Arc|Rc|Box|Option|Optional|Result|Mutex|RwLock|RefCell|Cell|Vec|VecDeque|Promise|PromiseLike|Awaitable|Coroutine|List|list|Sequence|Iterable|Iterator|AsyncIterator|AsyncGenerator|Generator|Array|ReadonlyArray|Set|set|Readonly|Partial|Annotated|Cow|Pin|State|Extension|Data|Depends|ClassVar|Type|type|Ref|MutexGuard|QuerySet|Seq|Mapped|Json|Ok|NonNullable|Awaited|InstanceType)\s*[<[]([\s\S]+)[>\]]$/;

/**
 * The name a type comes down to: references, pointers, slices, nullability and containers are taken off, so that
 * `Option<&'a Arc<Store>>`, `[]*Store`, `Promise<Store[] | null>` and `(Store, error)` are all `Store`. Undefined for scalars and function types.
 */
export function typeName(text: string | undefined): string | undefined {
  let type = text?.trim() ?? '';
  for (let turn = 0; turn < 12; turn++) {
    const before = type;
    type = type
      .replace(/^(->|:)\s*/, '')
      .replace(/^(&|\*|\?|'\w+\s|\.\.\.|mut\s+|dyn\s+|impl\s+|readonly\s+|const\s+|in\s+|out\s+|chan\s+|<-chan\s+|\[\d*\])\s*/, '')
      .replace(/^map\[[^\]]+\]/, '')
      .replace(/(\[\]|\?|!)$/, '')
      .replace(/^"(.*)"$|^'(.*)'$/, '$1$2')
      .trim();
    if (type.startsWith('(') && type.endsWith(')')) type = splitTop(type.slice(1, -1), ',')[0]?.trim() ?? '';
    const union = splitTop(type, '|');
    if (union.length > 1) type = union.map((part) => part.trim()).find((part) => !/^(null|undefined|None)$/.test(part)) ?? '';
    const wrapped = wrappers.exec(type)?.[1];
    if (wrapped !== undefined) type = splitTop(wrapped, ',')[0]?.trim() ?? '';
    if (type === before) break;
  }
  type = type.replace(/[<[{(][\s\S]*$/, '').trim();
  if (!/^[A-Za-z_$][\w$.:]*$/.test(type)) return undefined;
  if (
    /^(string|str|int|i\d+|u\d+|usize|isize|f32|f64|float\d*|bool|boolean|number|any|unknown|void|never|bytes|byte|error|object|func|u?int\d*|String|None|null|undefined|dict|Any|Self|self)$/.test(
      type,
    )
  )
    return type === 'Self' ? 'Self' : undefined;
  return type;
}

/** Splits at a separator that stands outside all brackets. */
export function splitTop(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    if (unit === '(' || unit === '[' || unit === '{' || unit === '<') depth++;
    else if (unit === ')' || unit === ']' || unit === '}' || (unit === '>' && text[at - 1] !== '-' && text[at - 1] !== '=')) depth--;
    else if (depth === 0 && unit === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

/** `shutdownManager`, `shutdown_manager` -> `['shutdown', 'manager']`. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1);
}

const testPath =
  /(^|\/)(tests?|__tests__|__mocks__|mocks?|specs?|testdata|testing|fixtures?|e2e|bench(es|marks?)?|playwright|cypress|testutils?|test-?utils?|seeds?|seeders?)\/|(^|[/_.-])seed\.[cm]?[jt]sx?$|(^|\/)(test_[^/]*|conftest)\.py$|_tests?\.(py|go|rs)$|(^|\/)tests?\.(py|rs|ts|js|go)$|[.-](test|spec|stories|bench|mock)\.[cm]?[jt]sx?$|(^|\/)mock_[^/]*$/i;

/** Whether a path holds tests, mocks or benchmarks: their loops are not what users wait for, and their doubles reach nothing. */
export function isTestPath(path: string): boolean {
  return testPath.test(path);
}
