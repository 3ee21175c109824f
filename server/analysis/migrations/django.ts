/**
 * Django: numbered Python modules of one app. The index is created with RunSQL, which leaves Django's
 * own record of the models alone: AddIndex would make the next `makemigrations` undo it
 * as long as the model does not declare it too, and a model's name cannot be told from its table's.
 */
import { nextNumber, parseNumbered } from './numbering.ts';
import { pythonString, pythonText } from './python-text.ts';
import type { MigrationTool } from './style.ts';

const migrationClass = /^class\s+Migration\s*\(\s*(?:migrations\.)?Migration\s*\)/m;

export const django: MigrationTool = {
  id: 'django',
  recognise(folder) {
    const app = folder.path.split('/').at(-2);
    const files = folder.files.filter((file) => /^\d+_\w+\.py$/.test(file.name) && migrationClass.test(file.text));
    if (app === undefined || files.length === 0) return undefined;
    const modules = files.map((file) => ({ name: file.name.slice(0, -3), text: file.text }));
    // The leaf of the graph: what no other migration of the app depends on. A squashed one may not be the highest.
    const leaves = modules.filter((module) => !modules.some((other) => other !== module && dependsOn(other.text, module.name)));
    const last = (leaves.length > 0 ? leaves : modules).sort((left, right) => (left.name < right.name ? -1 : 1)).at(-1);
    return last && { names: modules.map((module) => module.name), previous: last.name, sample: last };
  },
  write(style, script, now) {
    const app = style.folder.split('/').at(-2) ?? '';
    const number = nextNumber(
      style.detail.names.flatMap((name) => parseNumbered(name)?.number ?? []),
      now,
    );
    const indent = (value: string) => value.replaceAll('\n', '\n            ');
    const text = `from django.db import migrations


class Migration(migrations.Migration):
${script.outsideTransaction ? '    # CONCURRENTLY refuses to work in a transaction.\n    atomic = False\n\n' : ''}    dependencies = [
        (${pythonString(app)}, ${pythonString(style.detail.previous ?? '')}),
    ]

    operations = [
        migrations.RunSQL(
            sql=${indent(pythonText(script.text))},
            reverse_sql=${indent(pythonText(script.down))},
        ),
    ]
`;
    return [{ path: `${style.folder}/${number}_${script.name}.py`, text }];
  },
};

function dependsOn(text: string, name: string): boolean {
  const dependencies = /dependencies\s*=\s*\[([\s\S]*?)\n?\s*\]/.exec(text)?.[1] ?? '';
  return dependencies.includes(`"${name}"`) || dependencies.includes(`'${name}'`);
}
