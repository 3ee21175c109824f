/** Django's indexes, unique constraints and conditions (`Q`) as SQL, as far as they are plain; the rest is left out. */
import type { ConstraintSpec, IndexSpec, KeySpec } from './declaration.ts';
import { booleanOf, calleeOf, entryOf, type Invocation, itemsOf, lastName, stringOf, stringsOf, type Value } from './value.ts';

const methods: Readonly<Record<string, string>> = {
  BrinIndex: 'brin',
  GinIndex: 'gin',
  GistIndex: 'gist',
  HashIndex: 'hash',
  SpGistIndex: 'spgist',
  BTreeIndex: 'btree',
  BloomIndex: 'bloom',
};

/** `models.Index(fields=["a", "-b"], name="x", condition=Q(…))` and its kin of `django.contrib.postgres.indexes`. */
export function djangoIndex(value: Value | undefined): IndexSpec | undefined {
  if (value?.kind !== 'call' || !/Index$/.test(value.name)) return undefined;
  const method = methods[lastName(calleeOf(value))];
  return { ...partsOf(value), ...(method !== undefined && { method }) };
}

function partsOf(call: Invocation): IndexSpec {
  const classes = stringsOf(entryOf(call, 'opclasses'));
  const fields = stringsOf(entryOf(call, 'fields'));
  const keys = fields === undefined ? call.args.map(keyOf) : fields.map((field) => fieldKey(field));
  const condition = entryOf(call, 'condition');
  const where = condition === undefined ? undefined : conditionOf(condition);
  const name = stringOf(entryOf(call, 'name'));
  const include = stringsOf(entryOf(call, 'include'));
  return {
    keys: keys.flatMap((key, index): KeySpec[] => {
      const operatorClass = classes?.[index];
      return key === undefined ? [] : [{ ...key, ...(operatorClass !== undefined && { operatorClass }) }];
    }),
    ...(name !== undefined && { name }),
    ...(include !== undefined && { include }),
    ...(where !== undefined && { where }),
    unknown: keys.includes(undefined) || (condition !== undefined && where === undefined) || name?.includes('%') === true,
    span: call.span,
  };
}

const fieldKey = (field: string): KeySpec => (field.startsWith('-') ? { column: field.slice(1), descending: true } : { column: field });

/** A constraint, or the index that Django makes for one with a condition or expressions. */
export type DjangoConstraint = { readonly constraint: ConstraintSpec } | { readonly index: IndexSpec };

export function djangoConstraint(value: Value | undefined): DjangoConstraint | undefined {
  if (value?.kind !== 'call' || value.name !== 'UniqueConstraint') return undefined;
  const { keys, name, where, unknown, include, span } = partsOf(value);
  const columns = keys.flatMap(({ column }) => column ?? []);
  const plain =
    where === undefined &&
    include === undefined &&
    unknown !== true &&
    keys.every((key) => key.column !== undefined && key.operatorClass === undefined);
  if (plain) return { constraint: { kind: 'unique', columns, span, ...(name !== undefined && { name }) } };
  return {
    index: {
      keys,
      unique: true,
      unknown,
      span,
      ...(name !== undefined && { name }),
      ...(where !== undefined && { where }),
      ...(include !== undefined && { include }),
    },
  };
}

/** `F("a").desc()`, `Lower("a")`, `OpClass(Upper("a"), name="varchar_pattern_ops")`, `"a"`. */
function keyOf(value: Value): KeySpec | undefined {
  const text = stringOf(value);
  if (text !== undefined) return fieldKey(text);
  if (value.kind !== 'call') return undefined;
  if (value.name === 'desc' || value.name === 'asc') {
    const inner = value.receiver === undefined ? undefined : keyOf(value.receiver);
    return inner === undefined ? undefined : { ...inner, ...(value.name === 'desc' && { descending: true }), ...nullsOf(value) };
  }
  if (value.name === 'OrderBy') {
    const inner = value.args[0] === undefined ? undefined : keyOf(value.args[0]);
    const descending = booleanOf(entryOf(value, 'descending')) === true;
    return inner === undefined ? undefined : { ...inner, ...(descending && { descending }), ...nullsOf(value) };
  }
  if (value.name === 'OpClass') {
    const inner = value.args[0] === undefined ? undefined : keyOf(value.args[0]);
    const operatorClass = stringOf(entryOf(value, 'name') ?? value.args[1]);
    return inner === undefined ? undefined : { ...inner, ...(operatorClass !== undefined && { operatorClass }) };
  }
  if (value.name === 'F') {
    const column = stringOf(value.args[0]);
    return column === undefined ? undefined : { column };
  }
  const called = functions[value.name];
  const inner = called === undefined || value.args[0] === undefined ? undefined : keyOf(value.args[0]);
  if (called === undefined || inner === undefined) return undefined;
  return { expression: `${called}(${inner.column === undefined ? inner.expression : quoted(inner.column)})` };
}
const functions: Readonly<Record<string, string>> = { Lower: 'lower', Upper: 'upper', Trim: 'trim', Length: 'length', Abs: 'abs' };

function nullsOf(value: Value): Pick<KeySpec, 'nulls'> {
  if (booleanOf(entryOf(value, 'nulls_last')) === true) return { nulls: 'last' };
  return booleanOf(entryOf(value, 'nulls_first')) === true ? { nulls: 'first' } : {};
}

const quoted = (name: string): string => `"${name}"`;
const deepest = 8;

/** `Q(a=1, b__isnull=True)`, as a migration has it `Q(("a", 1), _connector="OR")`. Names are the fields'. Undefined for what is not plain. */
export function conditionOf(value: Value, depth = 0): string | undefined {
  if (value.kind !== 'call' || lastName(calleeOf(value)) !== 'Q' || depth > deepest) return undefined;
  const option = (key: string): Value | undefined => entryOf(value, key);
  const parts: (string | undefined)[] = [];
  for (const item of value.args) {
    const [key, operand] = itemsOf(item);
    if (item.kind === 'call') parts.push(conditionOf(item, depth + 1));
    else parts.push(key === undefined || operand === undefined ? undefined : lookupOf(stringOf(key), operand));
  }
  for (const { key, value: operand } of value.named) if (!key.startsWith('_')) parts.push(lookupOf(key, operand));
  if (parts.length === 0 || parts.some((part) => part === undefined)) return undefined;
  const joined =
    parts.length === 1
      ? (parts[0] ?? '')
      : parts.map((part) => `(${part})`).join(stringOf(option('_connector')) === 'OR' ? ' OR ' : ' AND ');
  return booleanOf(option('_negated')) === true ? `NOT (${joined})` : joined;
}

const comparisons: Readonly<Record<string, string>> = { exact: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' };

function lookupOf(key: string | undefined, operand: Value): string | undefined {
  const [field, lookup = 'exact', more] = key?.split('__') ?? [];
  if (field === undefined || field === '' || more !== undefined) return undefined;
  if (lookup === 'isnull') {
    const isNull = booleanOf(operand);
    return isNull === undefined ? undefined : `${quoted(field)} IS ${isNull ? '' : 'NOT '}NULL`;
  }
  if (lookup === 'in') {
    const items = itemsOf(operand).map(literalOf);
    return items.length > 0 && items.every((item) => item !== undefined) ? `${quoted(field)} IN (${items.join(', ')})` : undefined;
  }
  const sign = comparisons[lookup];
  if (sign === '=' && operand.kind === 'null') return `${quoted(field)} IS NULL`;
  if (sign === '=' && operand.kind === 'boolean') return operand.value ? quoted(field) : `NOT ${quoted(field)}`;
  const literal = literalOf(operand);
  return sign === undefined || literal === undefined ? undefined : `${quoted(field)} ${sign} ${literal}`;
}

function literalOf(value: Value): string | undefined {
  if (value.kind === 'string') return `'${value.value.replaceAll("'", "''")}'`;
  if (value.kind === 'number') return String(value.value);
  return value.kind === 'boolean' ? (value.value ? 'TRUE' : 'FALSE') : undefined;
}
