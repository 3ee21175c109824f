/** A schema that is declared in another way than SQL: what rests on it follows every edit of it. */
import { afterEach, expect, test } from 'vitest';
import { type Client, connect, type Folder, folder } from './client.ts';

const initial = (indexed: boolean) => `from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("customer", models.IntegerField(${indexed ? 'db_index=True' : ''})),
                ("state", models.CharField(max_length=10)),
            ],
        ),
    ]
`;
const reading = `from django.db import connection


def of_customer(customer):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, state FROM shop_order WHERE customer = %s", [customer])
        return cursor.fetchall()
`;
const settings = 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}\n';
const clients: Client[] = [];
const folders: Folder[] = [];
afterEach(async () => {
  for (const each of clients.splice(0)) {
    each.connection.dispose();
    each.server.kill();
    await each.exited;
  }
  for (const each of folders.splice(0)) each.remove();
});
const has = (items: readonly { code?: unknown }[]) => items.some(({ code }) => code === 'sql/missing-index');
const lacks = (items: readonly { code?: unknown }[]) => !has(items);

test('an index that a migration adds is known at once, and gone when it is taken back', async () => {
  const repo = folder({
    'manage.py': '',
    'requirements.txt': 'django\n',
    'site/settings.py': settings,
    'shop/migrations/0001_initial.py': initial(false),
    'shop/orders.py': reading,
  });
  folders.push(repo);
  const session = await connect({ folders: [repo] });
  clients.push(session);
  const uri = repo.uri('shop/orders.py');
  await session.open(uri, 'python', reading);
  const first = await session.pullUntil(uri, has);
  const finding = first.find(({ code }) => code === 'sql/missing-index');
  expect(finding?.range.start.line).toBe(5);
  // The place where the table is declared is a migration's.
  expect(finding?.relatedInformation?.[0]?.location).toMatchObject({
    uri: repo.uri('shop/migrations/0001_initial.py'),
    range: { start: { line: 7 } },
  });

  // Another migration appears on the disk.
  const second = repo.uri('shop/migrations/0002_index.py');
  repo.write(
    'shop/migrations/0002_index.py',
    'from django.db import migrations, models\nclass Migration(migrations.Migration):\n    dependencies = [("shop", "0001_initial")]\n    operations = [migrations.AddIndex(model_name="order", index=models.Index(fields=["customer"], name="by_customer"))]\n',
  );
  await session.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: second, type: 1 }] });
  await session.pullUntil(uri, lacks);

  // It is edited in the editor, and not saved.
  await session.open(second, 'python', '# nothing\n');
  await session.pullUntil(uri, has);

  // The first one is edited.
  const migration = repo.uri('shop/migrations/0001_initial.py');
  await session.open(migration, 'python', initial(true));
  await session.pullUntil(uri, lacks);
});
