import { makesIndex } from '../../advisor/redundant-at.ts';
import { message } from '../../advisor/wording.ts';
import type { EditFix } from '../../fix.ts';
import { rule } from '../../rule.ts';
import { splitAnd } from '../../sql/scopes.ts';
import type { CreateIndex, Expression, IndexTerm } from '../../sql/statement.ts';

export const constantIndexKey = rule({
  id: 'sql/constant-index-key',
  severity: 'warning',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: [],
  applies: ({ document, query }) => makesIndex(document, query) && (query.statement as CreateIndex).where !== undefined,
  *check({ query }) {
    const { terms, where, unique, name } = query.statement as CreateIndex;
    if (where === undefined) return;
    const fixed = fixedColumns(where);
    const constant = terms.filter(({ expression }) => expression.kind === 'column' && fixed.has(expression.name.text.toLowerCase()));
    // A unique index on the constant alone allows one such row in the whole table: that is what it is for.
    if (constant.length === 0 || (unique && constant.length === terms.length)) return;
    for (const term of constant) {
      const column = (term.expression as Extract<Expression, { kind: 'column' }>).name.text;
      const others = terms.length > constant.length;
      yield {
        span: term.span,
        message: message(
          others
            ? `Every entry of ${name?.name.text ?? 'the index'} has the same ${column}: its condition says so already, the key adds bytes only`
            : `Every entry of ${name?.name.text ?? 'the index'} has the same ${column}: key it by what the rows are ordered or joined by`,
        ),
        evidence: { grade: 'static', source: 'text', notes: [] },
        related: [],
        fixes: others && query.holes.length === 0 ? [withoutTerm(terms, term)] : [],
      };
    }
  },
});

/** Columns that the condition leaves one value: `status = 'open'`, `is_valid`, `deleted_at IS NULL`. */
function fixedColumns(where: Expression): ReadonlySet<string> {
  const found = new Set<string>();
  for (const part of splitAnd(where)) {
    const bare = part.kind === 'unary' && part.operator === 'NOT' ? part.operand : part;
    if (bare.kind === 'column') found.add(bare.name.text.toLowerCase());
    if (part.kind !== 'binary' || (part.operator !== '=' && part.operator !== 'IS')) continue;
    for (const [side, other] of [
      [part.left, part.right],
      [part.right, part.left],
    ] as const) {
      if (side.kind === 'column' && isOneValue(other)) found.add(side.name.text.toLowerCase());
    }
  }
  return found;
}
const isOneValue = (value: Expression): boolean => value.kind === 'literal' || (value.kind === 'cast' && isOneValue(value.operand));

function withoutTerm(terms: readonly IndexTerm[], term: IndexTerm): EditFix {
  const at = terms.indexOf(term);
  const before = terms[at - 1];
  const after = terms[at + 1];
  const span =
    before !== undefined
      ? { start: before.span.end, end: term.span.end }
      : { start: term.span.start, end: after === undefined ? term.span.end : after.span.start };
  // A migration that has run is not changed by its text, so that nobody wants this done everywhere at once.
  return { kind: 'edit', title: 'Leave the constant key out', safe: false, edits: [{ span, text: '' }] };
}
