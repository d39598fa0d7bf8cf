// Draws icon.png (128 x 128, what the Marketplace and the Extensions view show) from icon.svg, with the tests' Chromium.
// Run after a change of the SVG: node media/icon.ts
import fs from 'node:fs';
import { launchBrowser } from '../src/test/harness/browser.ts';

const svg = fs.readFileSync(new URL('icon.svg', import.meta.url), 'utf8');
const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 128, height: 128 } });
await page.setContent(`<style>body { margin: 0 } svg { display: block; width: 128px }</style>${svg}`);
const png = await page.screenshot({ omitBackground: true });
fs.writeFileSync(new URL('icon.png', import.meta.url), png);
await browser.close();
