// Prints a CycloneDX SBOM of the crates in the server and in the browser's module:
// node scripts/sbom.mjs VERSION
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [version] = process.argv.slice(2);
/** The parts of a release: their root packages, targets and features. */
const PARTS = [
  { root: 'server', target: hostTarget(), features: 'server/embedded-site' },
  { root: 'frontend', target: 'wasm32-unknown-unknown', features: '' },
];

const checksums = readChecksums();
const components = new Map();
const dependencies = new Map();
const roots = PARTS.map(addPart);

const timestamp = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1000).toISOString();
const application = {
  type: 'application',
  'bom-ref': 'tenantry',
  name: 'tenantry',
  version,
  licenses: [{ expression: 'Apache-2.0' }],
};
const bom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { timestamp, component: application },
  components: [...components.values()].sort(byReference),
  dependencies: [
    { ref: 'tenantry', dependsOn: roots.sort() },
    ...[...dependencies].map(([ref, on]) => ({ ref, dependsOn: [...on].sort() })).sort(byReference),
  ],
};
console.log(JSON.stringify(bom, null, 2));

/** Adds a root package and the packages that it links. Returns the reference of the root package. */
function addPart({ root, target, features }) {
  const options = ['--format-version', '1', '--locked', '--filter-platform', target, '--features', features];
  const json = execFileSync('cargo', ['metadata', ...options], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const metadata = JSON.parse(json);
  const packages = new Map(metadata.packages.map((found) => [found.id, found]));
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
  const pending = [metadata.packages.find(({ name, source }) => name === root && !source).id];
  const visited = new Set(pending);
  while (pending.length > 0) {
    const id = pending.pop();
    const ref = addComponent(packages.get(id));
    const linked = nodes.get(id).deps.filter(({ dep_kinds }) => dep_kinds.some(({ kind }) => kind === null));
    for (const { pkg } of linked) {
      dependencies.get(ref).add(reference(packages.get(pkg)));
      if (!visited.has(pkg)) pending.push(pkg);
      visited.add(pkg);
    }
  }
  return reference(metadata.packages.find(({ name, source }) => name === root && !source));
}

function addComponent(found) {
  const ref = reference(found);
  if (components.has(ref)) return ref;
  const sha256 = checksums.get(`${found.name} ${found.version}`);
  components.set(ref, {
    type: 'library',
    'bom-ref': ref,
    name: found.name,
    version: found.version,
    purl: ref,
    // Old crates separate licences with a slash.
    ...(found.license && { licenses: [{ expression: found.license.replaceAll(/\s*\/\s*/g, ' OR ') }] }),
    ...(sha256 && { hashes: [{ alg: 'SHA-256', content: sha256 }] }),
  });
  dependencies.set(ref, new Set());
  return ref;
}

function reference({ name, version }) {
  return `pkg:cargo/${name}@${version.replaceAll('+', '%2B')}`;
}

function byReference(left, right) {
  const key = (item) => item['bom-ref'] ?? item.ref;
  return key(left) < key(right) ? -1 : 1;
}

function hostTarget() {
  return execFileSync('rustc', ['-vV'], { encoding: 'utf8' }).match(/^host: (.*)$/m)[1];
}

/** The checksums of Cargo.lock by name and version. */
function readChecksums() {
  const lock = readFileSync(new URL('../Cargo.lock', import.meta.url), 'utf8');
  const entry = /name = "(.*)"\nversion = "(.*)"\nsource = ".*"\nchecksum = "(.*)"/g;
  return new Map([...lock.matchAll(entry)].map(([, name, version, sum]) => [`${name} ${version}`, sum]));
}
