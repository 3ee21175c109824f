// Draws icon.png from icon.svg: `node client/media/render-icon.mjs`, with a Chromium at $CHROMIUM or /usr/bin/chromium.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
await page.setContent(`<style>body{margin:0}</style>${readFileSync(here('icon.svg'), 'utf8')}`);
await page.screenshot({ path: here('icon.png'), omitBackground: true });
await browser.close();
