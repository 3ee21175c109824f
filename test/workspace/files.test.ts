import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isIgnored, walk } from '../../server/workspace/files.ts';
import { normalPath, relativeTo } from '../../server/workspace/paths.ts';
import { readText } from '../../server/workspace/text.ts';

let root = '';
beforeEach(() => {
  root = normalPath(mkdtempSync(join(tmpdir(), 'tunelens-files-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array = ''): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
}
const walked = async (...paths: string[]) => {
  const result = await walk(paths.length === 0 ? [root] : paths.map((path) => join(root, path)));
  return { files: result.files.map((file) => relativeTo(root, file)), unchecked: result.unchecked };
};

describe('walking', () => {
  test('takes what a reader reads, leaves out what tools and other people wrote', async () => {
    for (const name of ['a.py', 'b.sql', 'c.ts', 'd.go', 'e.rs', 'f.png', 'g.min.js', 'node_modules/x/i.js', 'dist/o.js', 'target/t.rs'])
      put(name);
    put('script', '#!/usr/bin/env python3\nprint()\n');
    put('binary-name', '\u0000\u0001');
    expect((await walked()).files).toEqual(['a.py', 'b.sql', 'c.ts', 'd.go', 'e.rs', 'script']);
  });

  test('nested ignore files: the deeper one has the last word', async () => {
    put('.git/HEAD');
    put('.gitignore', 'generated/\n*.gen.py\n/top.py\n');
    put('app/.gitignore', '!keep.gen.py\nlocal.py\n');
    for (const name of ['top.py', 'a.gen.py', 'generated/x.py', 'app/keep.gen.py', 'app/other.gen.py', 'app/local.py', 'app/top.py'])
      put(name);
    expect((await walked()).files).toEqual(['app/keep.gen.py', 'app/top.py']);
  });

  test('ignore files above a named folder count; a folder that is named although ignored is wanted', async () => {
    put('.git/HEAD');
    put('.gitignore', '*.gen.py\nbuild/\n');
    put('app/a.gen.py');
    put('app/b.py');
    put('build/c.py');
    expect((await walked('app')).files).toEqual(['app/b.py']);
    expect((await walked('build')).files).toEqual(['build/c.py']);
    expect((await walked('app/a.gen.py')).files).toEqual(['app/a.gen.py']);
  });

  test('a file that a watcher names is ignored as a walk would', async () => {
    put('.gitignore', 'out/\n');
    put('out/a.py');
    put('src/a.py');
    expect(await isIgnored(join(root, 'out/a.py'), [root])).toBe(true);
    expect(await isIgnored(join(root, 'node_modules/p/a.py'), [root])).toBe(true);
    expect(await isIgnored(join(root, 'src/a.py'), [root])).toBe(false);
  });

  test('symbolic links: circles are told, folders are read once', async () => {
    put('app/a.py');
    symlinkSync('..', join(root, 'app/up'));
    symlinkSync('app', join(root, 'again'));
    symlinkSync('self.py', join(root, 'self.py'));
    symlinkSync('nowhere.py', join(root, 'broken.py'));
    const { files, unchecked } = await walked();
    expect(files).toEqual(['app/a.py']);
    expect(unchecked.map(({ path, reason }) => `${relativeTo(root, path)} ${reason}`).sort()).toEqual([
      'app/up is a symbolic link to a folder that contains it; it was not followed',
      'broken.py is a symbolic link to something that does not exist',
      'self.py is a symbolic link that leads back to itself',
    ]);
  });

  test('a link out of the folder is followed once', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'tunelens-outside-'));
    try {
      writeFileSync(join(outside, 'x.py'), '');
      symlinkSync(outside, join(root, 'one'));
      symlinkSync(outside, join(root, 'two'));
      expect((await walked()).files).toEqual(['one/x.py']);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test('globs that settings exclude', async () => {
    put('a.py');
    put('generated/b.py');
    put('deep/generated/c.py');
    const result = await walk([root], { excludes: () => [{ folder: root, globs: ['generated/', '**/c.py'] }] });
    expect(result.files.map((file) => relativeTo(root, file))).toEqual(['a.py']);
  });

  test('a path that is not there, and one that may not be read', async () => {
    expect((await walked('missing')).unchecked[0]?.reason).toBe('does not exist');
    const locked = join(root, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o000);
    const { unchecked } = await walked();
    // The superuser reads every folder.
    if (process.getuid?.() !== 0) expect(unchecked[0]?.reason).toMatch(/permission denied/);
    chmodSync(locked, 0o755);
  });
});

describe('reading', () => {
  const unchecked = (path: string) => {
    const file = readText(path);
    return 'unchecked' in file ? file.unchecked : undefined;
  };

  test('the byte order mark is no part of the text, line ends are', () => {
    expect(readText(put('a.sql', '\uFEFFSELECT 1;\r\n'))).toEqual({ text: 'SELECT 1;\r\n', bom: true });
    expect(readText(put('b.sql', 'SELECT 1;\r'))).toEqual({ text: 'SELECT 1;\r', bom: false });
    expect(readText(put('c.sql', ''))).toEqual({ text: '', bom: false });
  });

  test('what is no text says so', () => {
    expect(unchecked(put('a.sql', new Uint8Array([83, 0, 69])))).toMatch(/binary/);
    expect(unchecked(put('b.sql', new Uint8Array([0xff, 0xfe, 83, 0])))).toMatch(/UTF-16/);
    expect(unchecked(join(root, 'gone.sql'))).toBe('does not exist');
    expect(unchecked(root)).toMatch(/not a regular file/);
  });

  test('bytes that are not UTF-8 are replaced, and the line is told', () => {
    const file = readText(put('a.py', Buffer.concat([Buffer.from('x = 1\ny = "'), Buffer.from([0xe9]), Buffer.from('"\n')])));
    expect(file).toMatchObject({ text: 'x = 1\ny = "\uFFFD"\n', damaged: expect.stringMatching(/not valid UTF-8 \(line 2\)/) });
  });

  test('a file of 100 MB is not loaded', () => {
    const path = put('dump.sql');
    truncateSync(path, 100 * 1024 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    expect(unchecked(path)).toMatch(/^is 100\.0 MB, more than the 2 MB/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });
});
