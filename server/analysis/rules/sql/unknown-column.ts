import { blocksOf, columnsIn } from '../../advisor/blocks.ts';
import { droppedAt, everHadColumn } from '../../advisor/declarations.ts';
import { isOfItsDay } from '../../advisor/one-off.ts';
import { similarName } from '../../advisor/similar-name.ts';
import { type SystemColumn, systemColumns } from '../../advisor/system-columns.ts';
import { includesName, message } from '../../advisor/wording.ts';
import type { Query } from '../../document.ts';
import type { FactTypes } from '../../facts.ts';
import { type Report, rule } from '../../rule.ts';
import { findTable, type Schema, type Table } from '../../sql/schema.ts';

export const unknownColumn = rule({
  id: 'sql/unknown-column',
  severity: 'error',
  on: 'query',
  needs: ['rejection', 'schema'],
  wants: ['documents', 'target'],
  applies: ({ document, query }) => !isOfItsDay(document, query),
  *check({ document, query }, { rejection: fact, schema: schemaFact, documents, target }) {
    const { rejection, inferred } = fact;
    if (rejection.kind !== 'unknown-column' || rejection.name === undefined) return;
    if (query.dialect === 'postgres')
      for (const column of systemColumns(query.statement, fact, target?.postgresVersion)) yield ofTheServer(column, fact);
    const tables = tablesOf(query, schemaFact.schema);
    // Sure only when every table it names is one whose columns are written down.
    if (tables === undefined || tables.length === 0) return;
    if (
      tables.some(
        (table) =>
          table.inferred ||
          table.kind === 'virtual' ||
          (table.kind === 'temporary' && table.declared?.path !== document.path) ||
          includesName(inferred, table.name),
      )
    )
      return;
    const name = rejection.name.slice(rejection.name.lastIndexOf('.') + 1).replaceAll('"', '');
    const columns = tables.flatMap((table) => table.columns.map((column) => column.name));
    if (columns.includes(name) && fact.grade !== 'live') return;
    // PostgreSQL tells quoted capitals from small letters, SQLite does not.
    const cased = columns.find((column) => column.toLowerCase() === name.toLowerCase());
    if (cased !== undefined && query.dialect !== 'postgres') return;
    const meant = cased ?? similarName(name, columns);
    const live = fact.grade === 'live';
    const dropped = live
      ? undefined
      : tables.map((table) => droppedAt(table.name, name, documents ?? [])).find((found) => found !== undefined);
    if (!live && dropped === undefined) {
      if (cased === undefined && tables.some((table) => everHadColumn(table.name, name, documents ?? []))) return;
      // Several unknown names are no slip of the pen: the statement is about another table of that name.
      if (meant === undefined && !othersKnown(query, columns, name)) return;
    }
    const owner =
      tables.length === 1
        ? tables[0]?.name
        : (tables.find((table) => table.columns.some((column) => column.name === meant))?.name ?? 'no table here');
    const place = dropped ?? (tables.length === 1 ? tables[0]?.declared : undefined);
    const start = rejection.span.end - name.length;
    yield {
      span: rejection.span,
      message: message(
        `${owner === 'no table here' ? `No table here has a column ${name}` : `${owner} has no column ${name}`}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      ),
      evidence: { grade: fact.grade, source: fact.source, notes: [rejection.message] },
      related:
        place === undefined
          ? []
          : [{ ...place, message: dropped === undefined ? `${owner} is created here` : `${name} is taken away here` }],
      fixes:
        meant === undefined || start < rejection.span.start || rejection.span.end - rejection.span.start > rejection.name.length
          ? []
          : [
              {
                kind: 'edit',
                title: `Change it to ${meant}`,
                safe: false,
                edits: [{ span: { start, end: rejection.span.end }, text: meant }],
              },
            ],
    };
  },
});

/** A view of the server's own has its columns whatever the repository says. */
function ofTheServer(column: SystemColumn, { grade, source, rejection }: FactTypes['rejection']): Report {
  const { view, since, meant, elsewhere, span } = column;
  const when = since === undefined ? '' : ` since PostgreSQL ${since}`;
  const instead = elsewhere !== undefined ? `; ${elsewhere} has it` : meant !== undefined ? `; did you mean ${meant}?` : '';
  return {
    span,
    message: message(`${view} has no column ${column.column}${when}${instead}`),
    evidence: { grade, source, notes: [rejection.message] },
    fixes: meant === undefined ? [] : [{ kind: 'edit', title: `Change it to ${meant}`, safe: false, edits: [{ span, text: meant }] }],
  };
}

/** The tables of a statement; undefined when one is not known, or rows come from elsewhere too. */
function tablesOf(query: Query, schema: Schema): readonly Table[] | undefined {
  const { statement } = query;
  const blocks = blocksOf(statement);
  const items = [...(statement.kind === 'insert' ? [statement.table] : []), ...blocks.flatMap((block) => block.from)];
  if (statement.kind === 'create index') {
    const table = findTable(schema, statement.table.name.text);
    return table === undefined ? undefined : [table];
  }
  const tables: Table[] = [];
  for (const item of items) {
    if (item.kind === 'subquery') continue;
    // The columns of a common table expression or a table function are those of its own query.
    const isTable = item.kind === 'table' && item.name !== undefined;
    if (!isTable) return undefined;
    const known = blocks.some((block) => block.tables.includes(item)) || (statement.kind === 'insert' && item === statement.table);
    if (!known) continue;
    const table = item.name && findTable(schema, item.name.text);
    if (table === undefined) return undefined;
    tables.push(table);
  }
  return tables;
}

/** No other column of the statement is unknown. */
function othersKnown(query: Query, columns: readonly string[], name: string): boolean {
  const { statement } = query;
  const named =
    statement.kind === 'insert'
      ? statement.columns.map((column) => column.text)
      : statement.kind === 'create index'
        ? statement.terms.flatMap((term) => columnsIn(term.expression).map((column) => column.name.text))
        : [];
  const used = blocksOf(statement).flatMap(({ node, conditions, outerConditions }) => {
    const results = node.kind === 'select' ? node.columns.flatMap((column) => column.expression ?? []) : [];
    return [...results, ...conditions, ...outerConditions].flatMap((expression) => columnsIn(expression).map((column) => column.name.text));
  });
  const aliases = blocksOf(statement).flatMap(({ node }) =>
    node.kind === 'select' ? node.columns.flatMap((column) => column.alias?.text ?? []) : [],
  );
  const others = [...named, ...used].filter((other) => other.toLowerCase() !== name.toLowerCase() && !includesName(aliases, other));
  return others.every((other) => includesName(columns, other) || /^(rowid|oid|_rowid_|ctid|xmin|excluded)$/i.test(other));
}
