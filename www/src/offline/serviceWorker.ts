// Keeps the files of the site, so that the page opens without a network. `cargo xtask site` puts the first line in front
// of it, which says what the files are; when any of them changes, the version does, and the browser installs it anew.

/** The files of the site, as addresses relative to it, and a version that follows their content. */
declare const SITE: { readonly version: string; readonly files: readonly string[] };

const worker = self as unknown as ServiceWorkerGlobalScope;

/** A network that answers slower than this is taken for none, where the file was kept. */
const PATIENCE_MS = 4000;

// Several sites may lie on one host: each keeps to its own.
const PREFIX = `ibinn-site ${new URL(worker.registration.scope).pathname} `;
const KEPT = PREFIX + SITE.version;

const addresses = new Set(SITE.files.map((file) => new URL(file, worker.registration.scope).href));
/** What has a name that stays while its content changes: asked for anew wherever there is a network. */
const changing = new Set(
  ['./', 'de.html', 'models/index.json'].map((file) => new URL(file, worker.registration.scope).href),
);

worker.addEventListener('install', (event) => {
  // Past the browser's own cache, which may hold another version of what keeps its name.
  const requests = [...addresses].map((address) => new Request(address, { cache: 'no-cache' }));
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(requests)));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});

worker.addEventListener('fetch', (event) => {
  const address = new URL(event.request.url);
  address.search = '';
  address.hash = '';
  if (event.request.method !== 'GET' || !addresses.has(address.href)) return;
  event.respondWith(changing.has(address.href) ? fresh(address.href) : kept(address.href));
});

async function kept(address: string): Promise<Response> {
  return (await (await caches.open(KEPT)).match(address)) ?? fetch(address);
}

async function fresh(address: string): Promise<Response> {
  const found = await (await caches.open(KEPT)).match(address);
  if (!found) return fetch(address);
  try {
    const response = await fetch(address, { cache: 'no-cache', signal: AbortSignal.timeout(PATIENCE_MS) });
    // The page gets all of it or what was kept: patience may end in the middle of the body.
    return response.ok ? new Response(await response.blob(), response) : found;
  } catch {
    return found;
  }
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== KEPT).map((name) => caches.delete(name)),
  );
}
