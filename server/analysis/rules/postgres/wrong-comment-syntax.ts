import { isPostgresDocument } from '../../catalogues/postgres-config.ts';
import type { RefusedText } from '../../document.ts';
import type { TextEdit } from '../../fix.ts';
import { rule } from '../../rule.ts';

export const wrongCommentSyntax = rule({
  id: 'postgres/wrong-comment-syntax',
  severity: 'error',
  on: 'document',
  needs: [],
  applies: ({ document }) => isPostgresDocument(document) && (document.refused?.some((refused) => refused.kind === 'comment') ?? false),
  *check({ document }) {
    const comments = (document.refused ?? []).filter((refused) => refused.kind === 'comment');
    const [first, ...others] = comments;
    if (first === undefined) return;
    const sign = signOf(first);
    const lines = comments.length === 1 ? '' : ` (${comments.length} lines)`;
    const bare = comments.every(isTerminator);
    yield {
      span: first.span,
      message: bare
        ? `";" ends no line in postgresql.conf: the server refuses the whole file${lines}`
        : `"${sign}" begins no comment in postgresql.conf: the server refuses the whole file${lines}; comments begin with #`,
      related: others.slice(0, 4).map((other) => ({ path: document.path, span: other.span, message: 'Here too' })),
      fixes: [
        {
          kind: 'edit',
          title: bare ? 'Remove the semicolons' : 'Begin the comments with #',
          safe: true,
          edits: comments.flatMap(editsFor),
        },
      ],
    };
  },
});

function signOf({ text }: RefusedText): string {
  return text.startsWith(';') ? ';' : text.slice(0, 2);
}

/** A semicolon with nothing behind it ends a statement in somebody's mind. */
function isTerminator({ text }: RefusedText): boolean {
  return /^;+\s*$/.test(text);
}

function editsFor(refused: RefusedText): TextEdit[] {
  const { start, end } = refused.span;
  if (isTerminator(refused)) return [{ span: { start, end }, text: '' }];
  // `8GB; -- a quarter` and `8GB; # a quarter`: the semicolon goes, and the comment behind it stays one.
  const both = /^;+\s*(#|--|\/\/)/.exec(refused.text);
  if (both !== null) return [{ span: { start, end: start + both[0].length }, text: ' #' }];
  const sign = signOf(refused);
  const edits = [{ span: { start, end: start + sign.length }, text: '#' }];
  const closed = sign === '/*' ? /\s*\*\/\s*$/.exec(refused.text) : null;
  return closed === null ? edits : [...edits, { span: { start: end - closed[0].length, end }, text: '' }];
}
