// Checks the tokens' contrast in both themes (WCAG 2.2: text 4.5:1, controls 3:1).
// Run: node style/contrast.mjs. Exits with 1 if a pair has too little contrast.
import { readFileSync } from 'node:fs';

const source = readFileSync(new URL('_tokens.scss', import.meta.url), 'utf8');
const OKLCH = /oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)/g;

/** The [light, dark] colours of each token as linear sRGB, by the token's name. */
const tokens = new Map();
for (const [, name, value] of source.matchAll(/--([\w-]+): ((?:light-dark\()?oklch.*);/g)) {
  const colours = [...value.matchAll(OKLCH)].map(([, l, c, h]) => linear(l / 100, +c, +h));
  if (colours.length) tokens.set(name, [colours[0], colours[1] ?? colours[0]]);
}

/** Converts OKLCH to linear sRGB, clipped to the gamut as a screen does. */
function linear(lightness, chroma, hue) {
  const angle = (hue * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((channel) => Math.min(1, Math.max(0, channel)));
}

const luminance = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const contrast = (one, two) => {
  const [light, dark] = [luminance(one), luminance(two)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
};

const TONES = ['accent', 'ok', 'warn', 'bad', 'info'];
const SURFACES = ['bg', 'surface', 'raised', 'sunken', 'hover'];
const pairs = [
  ...['text', 'muted'].flatMap((text) =>
    [...SURFACES, ...TONES.map((tone) => `${tone}-bg`)].map((on) => [text, on, 4.5]),
  ),
  ...TONES.flatMap((tone) => [...SURFACES, `${tone}-bg`].map((on) => [tone, on, 4.5])),
  ...TONES.map((tone) => ['on-solid', `${tone}-solid`, 4.5]),
  ...['accent', 'bad'].map((tone) => ['on-solid', `${tone}-solid-hover`, 4.5]),
  ...['bg', 'surface', 'raised', 'sunken'].map((on) => ['line-strong', on, 3]),
];

let failures = 0;
for (const [foreground, background, minimum] of pairs) {
  ['light', 'dark'].forEach((theme, index) => {
    const ratio = contrast(tokens.get(foreground)[index], tokens.get(background)[index]);
    if (ratio >= minimum) return;
    failures += 1;
    console.error(
      `${theme}: ${foreground} on ${background} has a contrast of ${ratio.toFixed(2)}, required: ${minimum}`,
    );
  });
}
console.log(`${pairs.length * 2} pairs checked, ${failures} with too little contrast`);
process.exitCode = failures ? 1 : 0;
