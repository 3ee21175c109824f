// A copy of examples/ with its database: what the tests change there changes nothing here.
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seed } from '../../examples/seed.mjs';

export function copyExamples() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tunelens-workspace-')));
  const folder = join(root, 'examples');
  seed();
  cpSync('examples', folder, { recursive: true, filter: (path) => !/\.db-(wal|shm)$/.test(path) });
  return { folder, remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }) };
}
