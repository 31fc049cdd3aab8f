// Fails if the files of a crate have an import cycle: node scripts/check-imports.mjs
// An import counts as an import of the file that defines the item, even if another file re-exports the item.
// A re-export does not count as an import.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const listed = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.rs', '*Cargo.toml'],
  { encoding: 'utf8' },
);
const tracked = listed.split('\n').filter((file) => file && existsSync(file));

/** The module path of a source file: `a::b` for `src/a/b.rs`, and an empty string for `src/lib.rs`. */
function moduleOf(file) {
  const path = file.replace(/^.*?\bsrc\//, '').replace(/\.rs$/, '');
  return path === 'lib' || path === 'main' ? '' : path.replaceAll('/', '::');
}

/** The code of a file without comments, without the content of strings, and without the tests at its end. */
function readCode(file) {
  const text = readFileSync(file, 'utf8');
  const end = text.search(/#\[cfg\(test\)\]\s+mod \w+ \{/);
  return (end < 0 ? text : text.slice(0, end))
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
}

/** The paths of a `use` declaration: `a::{b, c::d as e}` has the paths `a::b` and `a::c::d`. */
function expandUse(tree) {
  const open = tree.indexOf('{');
  if (open < 0) return [tree.replace(/ as .*/, '').trim()];
  const parts = [];
  let [depth, part] = [0, ''];
  for (const character of tree.slice(open + 1, tree.lastIndexOf('}'))) {
    if (character === ',' && depth === 0) {
      parts.push(part);
      part = '';
      continue;
    }
    depth += character === '{' ? 1 : character === '}' ? -1 : 0;
    part += character;
  }
  const inner = [...parts, part].map((text) => text.trim()).filter(Boolean);
  return inner.flatMap((text) => expandUse(text)).map((path) => tree.slice(0, open).trim() + path);
}

/** The absolute module path of a path in `module`, or undefined for a path to another crate. */
function absolutePath(path, module, modules) {
  const parts = path.split('::').map((part) => part.trim());
  let base = module === '' ? [] : module.split('::');
  if (parts[0] === 'crate') {
    base = [];
    parts.shift();
  } else if (parts[0] === 'self' || parts[0] === 'super') {
    for (; parts[0] === 'self' || parts[0] === 'super'; parts.shift()) if (parts[0] === 'super') base.pop();
  } else if (!modules.has([...base, parts[0]].join('::'))) {
    return undefined;
  }
  return [...base, ...parts].filter((part) => part !== 'self').join('::');
}

/** The paths that a file imports, the paths that it imports or re-exports, and the items that it defines. */
function readModule(file, modules) {
  const text = readCode(file);
  const module = moduleOf(file);
  const resolve = (paths) => paths.map((path) => absolutePath(path, module, modules)).filter(Boolean);
  const uses = [...text.matchAll(/(\bpub(?:\([^)]*\))? )?\buse ([^;]+);/g)].map(([, visibility, tree]) => ({
    isReexport: Boolean(visibility),
    paths: resolve(expandUse(tree.replaceAll(/\s+/g, ' '))),
  }));
  const imported = uses.filter(({ isReexport }) => !isReexport);
  const rest = text.replaceAll(/\buse [^;]+;|\bpub\([^)]*\)/g, '');
  const named = [...rest.matchAll(/\b(?:crate|super|self)(?:::\w+)+|\b[a-z_]\w*::\w+/g)].map(
    ([path]) => path,
  );
  const definitions = rest.matchAll(/\b(?:fn|struct|enum|trait|type|const|static)\s+(\w+)/g);
  return {
    imports: [...imported.flatMap(({ paths }) => paths), ...resolve(named)],
    uses: uses.flatMap(({ paths }) => paths),
    definitions: new Set([...definitions].map(([, name]) => name)),
  };
}

/** The module that defines the item of a path. Follows the imports of modules that do not define the item. */
function definingModule(path, modules, contents, visited = new Set()) {
  let module = path;
  while (!modules.has(module)) module = module.split('::').slice(0, -1).join('::');
  const item = path === module ? undefined : path.slice(module ? module.length + 2 : 0).split('::')[0];
  const { uses, definitions } = contents.get(module);
  const source = item && !definitions.has(item) && uses.find((used) => used.endsWith(`::${item}`));
  if (!source || visited.has(source)) return module;
  return definingModule(source, modules, contents, visited.add(source));
}

/** An import cycle that contains `start`, or undefined. */
function findCycle(start, edges) {
  const pending = [[start]];
  const visited = new Set();
  while (pending.length > 0) {
    const trail = pending.shift();
    for (const next of edges.get(trail.at(-1))) {
      if (next === start) return trail;
      if (!visited.has(next)) pending.push([...trail, next]);
      visited.add(next);
    }
  }
  return undefined;
}

const found = new Map();
let files = 0;
for (const directory of tracked
  .filter((file) => file.endsWith('Cargo.toml'))
  .map((file) => file.replace('Cargo.toml', ''))) {
  const sources = tracked.filter((file) => file.startsWith(`${directory}src/`));
  if (directory === '' || sources.length === 0) continue;
  files += sources.length;
  const modules = new Set(sources.map(moduleOf));
  const contents = new Map(sources.map((file) => [moduleOf(file), readModule(file, modules)]));
  const edges = new Map();
  for (const [module, { imports }] of contents) {
    const targets = imports.map((path) => definingModule(path, modules, contents));
    edges.set(module, new Set(targets.filter((target) => target !== module)));
  }
  for (const module of modules) {
    const trail = findCycle(module, edges);
    if (trail)
      found.set(
        [...trail].sort().join(),
        `${directory}src: ${[...trail, module].map((name) => name || 'lib').join(' -> ')}`,
      );
  }
}
if (found.size > 0) {
  console.error([...found.values()].join('\n'));
  process.exit(1);
}
console.log(`${files} files, no import cycles`);
