/**
 * Draws the pictures of the app from `icon.svg` and `tray.svg`. Run by hand after changing a drawing, the results are
 * kept: `node resources/make-icons.ts [path of Chromium]`. No part of the build.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";

const here = import.meta.dirname;
const APP_SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256];

/** A PNG of the drawing, transparent where it does not paint. `colour` fills what has no fill of its own. */
async function draw(page: Page, svg: string, size: number, colour = "#000"): Promise<Buffer> {
  await page.setViewportSize({ width: size, height: size });
  const style = `<style>html,body{margin:0;background:transparent}svg{display:block;width:${size}px;height:${size}px;fill:${colour}}</style>`;
  await page.setContent(style + svg);
  return await page.screenshot({ omitBackground: true });
}

/** The ICO container: a directory of 16 bytes a picture, then the PNGs as they are (Windows Vista and later). */
function toIco(pictures: readonly { size: number; png: Buffer }[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  pictures.forEach(({ size, png }, index) => {
    const at = 6 + 16 * index;
    // 0 stands for 256.
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([head, ...pictures.map(({ png }) => png)]);
}

/** The kinds of pictures in an ICNS, by pixels; the sizes of small screens and of large ones share a picture. */
const ICNS_KINDS: readonly (readonly [string, number])[] = [
  ["icp4", 16],
  ["ic11", 32],
  ["icp5", 32],
  ["ic12", 64],
  ["ic07", 128],
  ["ic13", 256],
  ["ic08", 256],
  ["ic14", 512],
  ["ic09", 512],
  ["ic10", 1024],
];

/** The ICNS container: kind and length in big-endian before each PNG, and the same for the whole. */
function toIcns(pictures: ReadonlyMap<number, Buffer>): Buffer {
  const chunk = (kind: string, body: Buffer) => {
    const head = Buffer.alloc(8);
    head.write(kind, 0, "ascii");
    head.writeUInt32BE(body.length + 8, 4);
    return Buffer.concat([head, body]);
  };
  const parts = ICNS_KINDS.map(([kind, size]) => chunk(kind, pictures.get(size) ?? Buffer.alloc(0)));
  return chunk("icns", Buffer.concat(parts));
}

const browser = await chromium.launch({ executablePath: process.argv[2] ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();
const app = readFileSync(join(here, "icon.svg"), "utf8");
const tray = readFileSync(join(here, "tray.svg"), "utf8");
const drawn = new Map<number, Buffer>();
for (const size of APP_SIZES) {
  const png = await draw(page, app, size);
  drawn.set(size, png);
  writeFileSync(join(here, "icons", `${size}.png`), png);
}
const inIco = ICO_SIZES.map((size) => ({ size, png: drawn.get(size) ?? Buffer.alloc(0) }));
writeFileSync(join(here, "icon.ico"), toIco(inIco));
writeFileSync(join(here, "icon.icns"), toIcns(drawn));
writeFileSync(join(here, "icon.png"), drawn.get(1024) ?? Buffer.alloc(0));
writeFileSync(join(here, "tray", "trayTemplate.png"), await draw(page, tray, 16));
writeFileSync(join(here, "tray", "trayTemplate@2x.png"), await draw(page, tray, 32));
// Linux panels are dark or light and do not say which: the coloured picture stands on both.
writeFileSync(join(here, "tray", "tray.png"), await draw(page, app, 24));
writeFileSync(join(here, "tray", "tray@2x.png"), await draw(page, app, 48));
await browser.close();
