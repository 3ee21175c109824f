import { lastName, namePath } from '../../calls/paths.ts';
import { namedScope } from '../../calls/summary.ts';
import type { Call, Document, FunctionScope } from '../../document.ts';
import { rule } from '../../rule.ts';

/**
 * Opening a SQLite database reads the header, parses the whole schema at the first statement, and begins with an empty page
 * cache and default pragmas; it is paid again by every call. One function that does so may be a script's; two or more in
 * a file, or one that answers requests, are a habit.
 */
export const connectionPerCall = rule({
  id: 'sqlite/connection-per-call',
  severity: 'info',
  on: 'document',
  needs: [],
  applies: ({ document }) => document.connections.some((site) => site.engine === 'sqlite') && !isScript(document.path),
  *check({ document }) {
    if (document.calls.some((call) => /(^|\.)(threading\.local|local|thread_local|AsyncLocalStorage)!?$/.test(call.callee))) return;
    const opened = openings(document);
    const functions = new Set(opened.map((each) => each.user));
    const first = opened[0];
    if (first === undefined) return;
    const answers = opened.some((each) => isHandler(document.functions[each.user]));
    if (functions.size < 2 && !answers) return;
    const name = shortened(namePath(first.call.callee));
    const where =
      functions.size === 1
        ? `each time ${document.functions[first.user]?.name ?? 'the function'}() is called`
        : `in each call of ${functions.size} functions`;
    yield {
      span: first.call.nameSpan,
      message: `${name}() opens the database anew ${where}: keep one connection`,
      ...(answers ? { severity: 'warning' as const } : {}),
      related: opened.slice(1).map((each) => ({
        path: document.path,
        span: each.call.nameSpan,
        message: `and in ${document.functions[each.user]?.name ?? 'here'}()`,
      })),
    };
  },
});

interface Opening {
  readonly call: Call;
  /** The function that opens, uses and closes. */
  readonly user: number;
}

function openings(document: Document): Opening[] {
  const found: Opening[] = [];
  for (const site of document.connections) {
    const call = document.calls[site.call];
    if (site.engine !== 'sqlite' || call === undefined || /:memory:|mode=memory/.test(site.target ?? '')) continue;
    // A pool outlives the call, unless it is closed in it.
    if (site.pool && !call.scoped && !isClosed(document, call)) continue;
    const home = namedScope(document, call.function);
    const scope = document.functions[home];
    if (scope === undefined) continue;
    if (runsStatements(document, home, call) && (call.scoped || isClosed(document, call) || isDropped(document, call))) {
      if (!isSetUp(scope)) found.push({ call, user: home });
    } else if (!scope.decorators.some((decorator) => /cache/i.test(decorator)) && !keepsIt(call)) {
      found.push(...borrowers(document, scope));
    }
  }
  return found;
}

/** Functions that open through a helper of the file, and give back at their end: `with self._connect() as db`. */
function borrowers(document: Document, helper: FunctionScope): Opening[] {
  const found: Opening[] = [];
  const seen = new Set<number>();
  for (const call of document.calls) {
    if (call.name !== helper.name || !(helper.owner === undefined || /^(self|this|Self|cls)$/.test(call.receiver ?? ''))) continue;
    const user = namedScope(document, call.function);
    const scope = document.functions[user];
    if (scope === undefined || scope === helper || seen.has(user) || isSetUp(scope)) continue;
    if (!runsStatements(document, user, call) || !(call.scoped || isClosed(document, call))) continue;
    seen.add(user);
    found.push({ call, user });
  }
  return found;
}

function runsStatements(document: Document, scope: number, opened: Call): boolean {
  return (
    document.queries.some((query) => namedScope(document, query.function) === scope && query.span.start > opened.span.start) ||
    (opened.result !== undefined &&
      document.calls.some(
        (call) =>
          namedScope(document, call.function) === scope &&
          call.receiver?.split(/[.:]/)[0] === opened.result &&
          /^(execute\w*|query\w*|prepare\w*|cursor|exec|Exec\w*|Query\w*|run|get|all)$/.test(call.name),
      ))
  );
}

function isClosed(document: Document, opened: Call): boolean {
  return (
    opened.result !== undefined &&
    document.calls.some(
      (call) =>
        /^close$/i.test(call.name) &&
        call.receiver === opened.result &&
        namedScope(document, call.function) === namedScope(document, opened.function),
    )
  );
}

/** Rust closes at the end of the scope that owns it. */
function isDropped(document: Document, opened: Call): boolean {
  return document.language === 'rust' && opened.result !== undefined && /^\w+$/.test(opened.result);
}

/** Kept on an object or in a module: opened once, or lazily. */
function keepsIt(call: Call): boolean {
  return call.result !== undefined && /^(self|this|cls|global\w*|_\w+)[.:]|^[A-Z_]+$/.test(call.result);
}

/** Runs once in the life of a program or a file. */
function isSetUp(scope: FunctionScope): boolean {
  return /^_*(main|init\w*|__\w+__|set_?up\w*|migrat\w*|upgrade|downgrade|seed\w*|bootstrap\w*|create_?(db|database|schema|tables?)\w*|ensure\w*|start\w*|shutdown|stop|constructor|new|open\w*|connect\w*|backup\w*|restore\w*|import\w*|export\w*|vacuum\w*|test\w*|run|cli|build\w*|benchmark\w*|lifespan)$/i.test(
    scope.name,
  );
}

function isHandler(scope: FunctionScope | undefined): boolean {
  return (
    scope?.decorators.some((decorator) => /(^|\.|@)(get|post|put|patch|delete|route|api_route|websocket|handler)\s*\(/i.test(decorator)) ===
    true
  );
}

/** Scripts, migrations and tests run once; the name of the file or of its folder says so. */
function isScript(path: string): boolean {
  const [file = '', folder = ''] = path.split('/').reverse();
  return (
    /^(scripts?|bin|tools?|migrations?|versions|examples?|tests?|__tests__|bench(marks?)?|notebooks?|spec|fixtures)$/i.test(folder) ||
    /(^test_|_test\.|\.test\.|\.spec\.|conftest|migrat|seed|setup|import_|export_|backup|build)/i.test(file)
  );
}

const shortened = (text: string): string => (text.length > 40 ? `…${text.slice(-39)}` : text === '' ? lastName(text) : text);
