/** Django models, for an application without migrations. A model with a base that is not seen is left out: some of its columns are not known. */
import type { Syntax } from '../readers/host/syntax.ts';
import type { ColumnSpec, Declarations, SchemaStep } from './declaration.ts';
import { type DjangoField, djangoField, symbolOf } from './django-fields.ts';
import { djangoConstraint, djangoIndex } from './django-indexes.ts';
import { assignmentsOf, classesOf, type PythonClass } from './python-tree.ts';
import { pythonValue } from './python-value.ts';
import { booleanOf, itemsOf, lastName, stringOf, stringsOf } from './value.ts';

export function djangoModels(module: Syntax, source: string, path: string): Declarations | undefined {
  const app = /(?:^|\/)([^/]+)\/models(?:\/[^/]+)?\.py$/.exec(path)?.[1];
  if (app === undefined) return undefined;
  const classes = new Map(classesOf(module, source).map((one) => [one.name, one] as const));
  const steps: SchemaStep[] = [];
  const later: SchemaStep[] = [];
  for (const one of classes.values()) {
    const lineage = lineageOf(one, classes, 0);
    if (lineage === undefined) continue;
    const meta = metaOf(one, source);
    if (booleanOf(meta.get('abstract')) === true || booleanOf(meta.get('proxy')) === true || booleanOf(meta.get('managed')) === false)
      continue;
    const model = { app: stringOf(meta.get('app_label')) ?? app, name: one.name.toLowerCase() };
    const fields = new Map<string, DjangoField>();
    for (const each of lineage) {
      for (const [name, node] of assignmentsOf(each.body, source)) {
        const field = djangoField(name, pythonValue(node, source), model, { start: node.start - name.length, end: node.end });
        if (field !== undefined) fields.set(name, field);
      }
    }
    const span = { start: one.nameNode.start, end: one.nameNode.end };
    const columns = [...fields.values()].flatMap((field) => (field.kind === 'column' ? [field.column] : []));
    const id: ColumnSpec = { name: 'id', type: ['bigint', 'integer'], notNull: true, primaryKey: true, autoIncrement: true, span };
    const constraints = itemsOf(meta.get('constraints')).flatMap((item) => djangoConstraint(item) ?? []);
    const together = stringsOf(meta.get('unique_together'));
    const groups =
      together !== undefined && together.length > 0
        ? [together]
        : itemsOf(meta.get('unique_together')).flatMap((item) => [stringsOf(item) ?? []]);
    steps.push({
      kind: 'create table',
      table: { name: stringOf(meta.get('db_table')) ?? `${model.app}_${model.name}` },
      symbol: symbolOf(model),
      columns: columns.some(({ primaryKey }) => primaryKey === true) ? columns : [id, ...columns],
      constraints: [
        ...constraints.flatMap((found) => ('constraint' in found ? [found.constraint] : [])),
        ...groups.filter((group) => group.length > 0).map((group) => ({ kind: 'unique' as const, columns: group, span })),
      ],
      indexes: [
        ...itemsOf(meta.get('indexes')).flatMap((item) => djangoIndex(item) ?? []),
        ...constraints.flatMap((found) => ('index' in found ? [found.index] : [])),
      ],
      span,
    });
    for (const field of fields.values()) if (field.kind === 'relation') later.push(...field.steps(model));
  }
  return steps.length === 0 ? undefined : { tool: 'django', form: 'model', engines: [], steps: [...steps, ...later] };
}

/** The class with its abstract bases, the outermost first; undefined where one is not `models.Model` and not in this file. */
function lineageOf(one: PythonClass, classes: ReadonlyMap<string, PythonClass>, depth: number): readonly PythonClass[] | undefined {
  const above: PythonClass[] = [];
  let model = false;
  for (const base of one.bases) {
    const name = base.kind === 'name' ? lastName(base.path) : undefined;
    if (name === undefined || depth > 8) return undefined;
    const own = classes.get(name);
    if (base.kind === 'name' && base.path === 'models.Model') model = true;
    else if (own !== undefined && own !== one) {
      const further = lineageOf(own, classes, depth + 1);
      if (further === undefined) return undefined;
      above.push(...further);
      model = true;
    } else return undefined;
  }
  return model ? [...above, one] : undefined;
}

function metaOf(one: PythonClass, source: string) {
  const meta = classesOf(one.body, source).find(({ name }) => name === 'Meta');
  const assigned = meta === undefined ? new Map<string, Syntax>() : assignmentsOf(meta.body, source);
  return new Map([...assigned].map(([name, node]) => [name, pythonValue(node, source)] as const));
}
