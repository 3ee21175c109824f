/** Expressions in one normal form: what an index holds can be compared with what a query asks. The text is valid SQL. */
import { quoteName } from '../ddl.ts';
import type { EngineId, Expression } from './statement.ts';

/** Casts that PostgreSQL adds by itself to a constant when it prints an expression back. */
const textTypes: ReadonlySet<string> = new Set(['text', 'varchar', 'character varying', 'bpchar', 'unknown']);
const textFunctions: ReadonlySet<string> = new Set(['lower', 'upper', 'btrim', 'ltrim', 'rtrim', 'trim', 'length', 'concat', 'md5']);
/** Names that are one function. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['substr', 'substring'],
  ['ifnull', 'coalesce'],
  ['char_length', 'length'],
  ['character_length', 'length'],
]);
const typeSynonyms: ReadonlyMap<string, string> = new Map([
  ['int', 'integer'],
  ['int4', 'integer'],
  ['int8', 'bigint'],
  ['int2', 'smallint'],
  ['bool', 'boolean'],
  ['float8', 'double precision'],
  ['timestamp', 'timestamp without time zone'],
  ['timestamptz', 'timestamp with time zone'],
  ['character varying', 'varchar'],
]);

/**
 * Lower-case functions, operators in capitals with one space around, columns without their table.
 * A part that is no single thing stands in brackets, so equal texts are equal trees.
 */
export function printExpression(expression: Expression, engine: EngineId = 'postgres'): string {
  const print = (inner: Expression): string => printExpression(inner, engine);
  const part = (inner: Expression): string => (isSingle(inner) ? print(inner) : `(${print(inner)})`);
  switch (expression.kind) {
    case 'column':
      return quoteName(engine, expression.name.text);
    case 'literal':
      if (expression.type === 'string') return `'${expression.value.replaceAll("'", "''")}'`;
      if (expression.type === 'blob') return `x'${expression.value}'`;
      return expression.type === 'boolean' ? expression.value.toLowerCase() : expression.value;
    case 'parameter':
      return expression.text;
    case 'call':
      return printCall(expression, engine);
    case 'unary':
      return /^\w/.test(expression.operator)
        ? `${expression.operator} ${part(expression.operand)}`
        : `${expression.operator}${part(expression.operand)}`;
    case 'binary':
      return printBinary(expression, engine);
    case 'between':
      return `${part(expression.operand)} ${expression.not ? 'NOT ' : ''}BETWEEN ${part(expression.low)} AND ${part(expression.high)}`;
    case 'in':
      return `${part(expression.operand)} ${expression.not ? 'NOT ' : ''}IN (${expression.list?.map(print).join(', ') ?? 'SELECT …'})`;
    case 'cast': {
      if (expression.operand.kind === 'literal' && expression.operand.type === 'string' && textTypes.has(expression.type))
        return print(expression.operand);
      const type = typeSynonyms.get(expression.type) ?? expression.type;
      return engine === 'postgres' ? `${part(expression.operand)}::${type}` : `cast(${print(expression.operand)} AS ${type})`;
    }
    case 'collate':
      return `${part(expression.operand)} COLLATE ${quoteName(engine, expression.collation)}`;
    case 'list':
      return `(${expression.items.map(print).join(', ')})`;
    case 'case':
      return printCase(expression.parts.map(print));
    case 'exists':
      return 'EXISTS (SELECT …)';
    case 'subquery':
      return '(SELECT …)';
    case 'unknown':
      return `?(${expression.parts.map(print).join(', ')})`;
  }
}

const isSingle = (expression: Expression): boolean =>
  ['column', 'literal', 'parameter', 'call', 'list', 'subquery', 'exists', 'case'].includes(expression.kind) ||
  (expression.kind === 'cast' && (isSingle(expression.operand) || expression.operand.kind === 'literal'));

function printCall(call: Extract<Expression, { kind: 'call' }>, engine: EngineId): string {
  const known = synonyms.get(call.name);
  const name = known !== undefined && (engine === 'postgres' || call.name !== 'substr') ? known : call.name;
  const inside = call.arguments.map((argument) => printExpression(withoutTextCast(argument, name), engine)).join(', ');
  return `${name}(${call.star ? '*' : `${call.distinct ? 'DISTINCT ' : ''}${inside}`})`;
}
/** `lower((email)::text)` is how PostgreSQL prints `lower(email)` of a varchar column. */
function withoutTextCast(argument: Expression, name: string): Expression {
  return argument.kind === 'cast' && argument.operand.kind === 'column' && argument.type === 'text' && textFunctions.has(name)
    ? argument.operand
    : argument;
}

function printBinary(binary: Extract<Expression, { kind: 'binary' }>, engine: EngineId): string {
  const { operator } = binary;
  const logical = operator === 'AND' || operator === 'OR';
  const side = (inner: Expression): string => {
    const text = printExpression(inner, engine);
    if (isSingle(inner) || (logical && inner.kind === 'binary' && (inner.operator === operator || !['AND', 'OR'].includes(inner.operator))))
      return text;
    return logical && (inner.kind === 'in' || inner.kind === 'between') ? text : `(${text})`;
  };
  if (operator === '[]') return `${side(binary.left)}[${printExpression(binary.right, engine)}]`;
  const right = binary.quantifier === undefined ? side(binary.right) : `${binary.quantifier} (${printExpression(binary.right, engine)})`;
  return `${side(binary.left)} ${operator} ${right}`;
}

/** The parts of a CASE do not tell its simple form from its searched one apart from their number. */
function printCase(parts: readonly string[]): string {
  return `CASE ${parts.join(' | ')} END`;
}
