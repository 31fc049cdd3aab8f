// Fails if a document or a comment names a file, a directory or a heading that does not exist:
// node scripts/check-paths.mjs
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
});
const files = listed.split('\n').filter((file) => file && existsSync(file));
const paths = new Set(files);
for (const file of files) {
  for (let parent = dirname(file); parent !== '.'; parent = dirname(parent)) paths.add(parent);
}
const roots = new Set([...paths].filter((path) => !path.includes('/')));
const crates = files.filter((file) => file.endsWith('/Cargo.toml')).map(dirname);

/** The alternatives of a text with braces: `a/{b,c}.rs` names `a/b.rs` and `a/c.rs`. */
function expandBraces(text) {
  const match = text.match(/^(.*?)\{([^{}]*)\}(.*)$/);
  return match ? match[2].split(',').flatMap((part) => expandBraces(match[1] + part + match[3])) : [text];
}

/** Whether a text has the form of a path of this repository, without placeholders and patterns. */
function isPath(text) {
  if (!/^[\w.][\w./-]*$/.test(text)) return false;
  return roots.has(text.split('/')[0]) ? text.includes('/') : /\.(rs|sql|ts|mjs|scss)$/.test(text);
}

/**
 * Whether a path exists. The path may start at the root, at the directory of `from`, or at the crate
 * `section`, or may be the end of another path.
 */
function exists(path, from, section) {
  const plain = normalize(path).replace(/\/$/, '');
  const bases = ['', dirname(from), section].filter((base) => base !== undefined);
  if (bases.some((base) => paths.has(join(base, plain)))) return true;
  if (section && plain.startsWith('src/')) return false;
  return !roots.has(plain.split('/')[0]) && files.some((file) => file.endsWith(`/${plain}`));
}

/** The anchors of a document's headings, as GitHub derives them. */
function anchors(document) {
  const headings = readFileSync(document, 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, title]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

function checkLink(target, document) {
  const [path, anchor] = target.split('#');
  const file = path ? normalize(join(dirname(document), path)) : document;
  if (!paths.has(file)) return `${target} does not exist`;
  if (anchor && !anchors(file).includes(anchor)) return `${target} has no such heading`;
  return undefined;
}

/** The problems of a document: its links, and the paths in backticks. Planned files need not exist. */
function checkDocument(document) {
  const problems = [];
  let section;
  let isPlanned = false;
  for (const [index, line] of readFileSync(document, 'utf8').split('\n').entries()) {
    // Below the heading of a crate, paths start in that crate.
    if (line.startsWith('#')) section = crates.find((crate) => line.includes(`\`${crate}\``));
    isPlanned = line.includes('**Planned') || (isPlanned && line.trim() !== '' && !line.startsWith('#'));
    const links = [...line.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
    const found = links
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => checkLink(target, document));
    const quoted = [...line.matchAll(/`([^`]+)`/g)].flatMap(([, text]) => expandBraces(text)).filter(isPath);
    const missing = isPlanned ? [] : quoted.filter((path) => !exists(path, document, section));
    for (const problem of [...found.filter(Boolean), ...missing.map((path) => `${path} does not exist`)]) {
      problems.push(`${document}:${index + 1}: ${problem}`);
    }
  }
  return problems;
}

/** The problems of a source file: the documents and scripts that its comments name. */
function checkSource(file) {
  const pattern = /\b(?:docs|scripts|migrations|packaging|end2end)\/[\w./-]*\.[a-z]+\b/g;
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      const named = /^\s*(\/\/|\*|--|#)/.test(line) ? [...line.matchAll(pattern)].map(([path]) => path) : [];
      const missing = named.filter((path) => !exists(path, file));
      return missing.map((path) => `${file}:${index + 1}: ${path} does not exist`);
    });
}

const documents = files.filter((file) => file.endsWith('.md'));
const sources = files.filter((file) => /\.(rs|sql|ts|mjs|scss|sh|toml)$/.test(file));
const problems = [...documents.flatMap(checkDocument), ...sources.flatMap(checkSource)];
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
