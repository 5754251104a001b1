// The service worker hands out files, all of one version, and does nothing else: no records, no sending.
// The server fills in the version and the files' addresses; a new version is a new script, and so a new worker.

const VERSION = {{ version|tojson }};
const INTEGRITY = {{ integrity|tojson }};
const URLS = new Set({{ urls|tojson }});

const PREFIX = 'fieldbook-';
const CACHE = PREFIX + VERSION;

// What only the server may answer. A cached sign-in page, or a cached redirect to it, would lock officers
// out of the app for good.
const LEAVE = /^\/(api|desk|sign-in|sign-out|health)(\/|$)/;

addEventListener('install', (event) => {
  event.waitUntil(fill());
});

// No skipWaiting here: it would put new modules under a page that was started with the old ones, and
// the reload that follows would cost a form being filled in. The page says when its screen is clean.
addEventListener('message', (event) => {
  if (event.data === 'take over') skipWaiting();
  // A page whose loading crossed this worker's start is missed by the claim below, and asks for one.
  if (event.data === 'claim me') event.waitUntil(clients.claim());
});

addEventListener('activate', (event) => {
  event.waitUntil(dropOldCaches());
  // A page that loaded before the first worker was there would otherwise stay without it until reloaded,
  // and an officer may be underground by then.
  event.waitUntil(clients.claim());
});

addEventListener('fetch', (event) => {
  const { request } = event;
  // iOS hands a worker the POST of a form or photo with an empty body; only GETs are safe here.
  if (request.method !== 'GET') return;
  const { origin, pathname, search } = new URL(request.url);
  if (origin !== location.origin || LEAVE.test(pathname)) return;
  // The shell reads its own query and hash: /?log and /#log are the same page.
  const home = request.mode === 'navigate' && pathname === '/';
  const url = home ? '/' : pathname + search;
  if (URLS.has(url)) event.respondWith(kept(url, request));
});

// All or nothing: everything is here and right before the first file is put away, and a failure leaves
// the version before this one at work.
async function fill() {
  const { headers, files } = await bundle();
  const cache = await caches.open(CACHE);
  await Promise.all(
    Object.entries(files).map(([url, { type, text }]) => {
      headers.set('Content-Type', type);
      return cache.put(url, new Response(text, { headers }));
    }),
  );
}

async function bundle() {
  // 'reload', because the browser's HTTP cache may hold another version; the integrity says that it does
  // not, and that no Wi-Fi login page has taken its place.
  const answer = await fetch('/files', { cache: 'reload', integrity: INTEGRITY, credentials: 'omit' });
  if (!answer.ok) throw new Error(`/files answered ${answer.status}`);
  // Each file keeps the content security policy that it came under.
  const headers = new Headers(answer.headers);
  for (const name of ['Content-Encoding', 'Content-Length', 'Vary']) headers.delete(name);
  return { headers, files: await answer.json() };
}

// Browsers may empty a cache and keep its worker; then the network is asked as if there were none.
async function kept(url, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(url)) ?? fetch(request);
}

// Only now, when no page runs the old version any more.
async function dropOldCaches() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}
