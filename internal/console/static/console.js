// The console's script: it puts numbers, texts and times into places that a page has,
// and moves the focus by keys. It makes no HTML. Without it every page works as well.

const all = (selector, of = document) => [...of.querySelectorAll(selector)];

// Times are in the reader's zone, which is said once. When clocks are set back, they show
// some times twice: those say which one it is.

const parts = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' };
const clock = new Intl.DateTimeFormat('en-GB', parts), offset = new Intl.DateTimeFormat('en-GB', { ...parts, timeZoneName: 'shortOffset' });
for (const node of all('time[datetime]')) {
  const at = new Date(node.dateTime);
  if (isNaN(at)) continue;
  const text = clock.format(at), twice = (minutes) => clock.format(at.getTime() + minutes * 60000) === text;
  node.title = node.textContent;
  node.textContent = [-60, -30, 30, 60].some(twice) ? offset.format(at) : text;
}
for (const node of all('[data-zone]')) node.textContent = `Times are in ${clock.resolvedOptions().timeZone}.`;

// How long ago something was goes on while the page is open.

const loaded = Date.now(), ages = all('[data-age]');
const span = (age) => age < 60 ? `${age} s` : age < 3600 ? `${Math.floor(age / 60)} min` : age < 172800 ? `${Math.floor(age / 3600)} h` : `${Math.floor(age / 86400)} days`;
function grow(node) {
  const text = span(Number(node.dataset.age) + Math.floor((Date.now() - loaded) / 1000));
  if (node.textContent !== text) node.textContent = text;
}
if (ages.length) setInterval(() => ages.forEach(grow), 1000);

// Numbers: {name: number or text}; null, or none in a whole snapshot, is a name that is gone.

const causes = new Set(all('[data-live^="people "]').map((node) => node.dataset.live));
const fresh = new Set();

function show(data, whole) {
  for (const node of all('[data-live]')) {
    const most = data[node.dataset.liveMax];
    if (most != null) node.max = most;
    let value = data[node.dataset.live];
    if (value === null || (whole && value === undefined)) value = node.dataset.gone;
    if (value === undefined) continue;
    if (node instanceof HTMLProgressElement) node.value = value;
    else if (node.textContent !== String(value)) node.textContent = value;
  }
  for (const line of all('[data-new]')) {
    if (whole) fresh.clear();
    for (const [name, value] of Object.entries(data)) {
      if (!name.startsWith('people ') || causes.has(name)) continue;
      if (whole && line.dataset.new === 'some') causes.add(name); // they may be on another page of the list
      else if (value === null) fresh.delete(name);
      else fresh.add(name);
    }
    if (line.dataset.new === 'some') line.dataset.new = 'all';
    line.querySelector('a').textContent = fresh.size === 1 ? '1 new cause: show' : `${fresh.size} new causes: show`;
    line.hidden = fresh.size === 0;
  }
}

// One stream a page, while it is visible. A browser opens six connections to a host over
// HTTP/1.1: no more than four are streams, so that pages load.

let source, timer, heard, release, opening = false, failed = 0;

async function slot() {
  for (let n = 0; navigator.locks && n < 4; n++) {
    const got = await new Promise((answer) => {
      navigator.locks.request(`relance-live-${n}`, { ifAvailable: true }, (lock) => {
        answer(Boolean(lock));
        return lock && new Promise((done) => { release = done; });
      }).catch(() => answer(true));
    });
    if (got) return true;
  }
  return !navigator.locks;
}

async function open() {
  clearTimeout(timer);
  if (source || opening || document.hidden) return;
  opening = true;
  const free = await slot();
  opening = false;
  if (!free || document.hidden) return close(), again();
  heard = Date.now();
  source = new EventSource(document.body.dataset.events);
  source.addEventListener('snapshot', (event) => { failed = 0; hear(event, true); });
  source.addEventListener('message', (event) => hear(event, false));
  source.addEventListener('beat', () => { heard = Date.now(); });
  source.addEventListener('error', () => { close(); again(); });
}

function hear(event, whole) { heard = Date.now(); show(JSON.parse(event.data), whole); }

function close() {
  clearTimeout(timer);
  source?.close();
  release?.();
  source = release = undefined;
}

function again() { // later and later, and not all at the same moment
  timer = setTimeout(open, Math.min(3000 * 2 ** failed++, 60000) * (1 + Math.random()));
}

function anew() { close(); failed = 0; open(); }

if (document.querySelector('[data-live]')) {
  document.addEventListener('visibilitychange', () => { document.hidden ? close() : anew(); });
  addEventListener('pagehide', close);
  addEventListener('pageshow', open);
  addEventListener('online', anew);
  setInterval(() => { if (source && Date.now() - heard > 40000) anew(); }, 5000); // a laptop that has slept
  open();
}

// Keys; /keys lists them, and turns them off.

const kept = (to) => { try { return to ? localStorage.setItem('relance.keys', to) : localStorage.getItem('relance.keys'); } catch { return null; } };
const visible = (node) => node.getClientRects().length > 0;
const search = all('input[type=search]').find(visible);
const rows = 'main [data-row], main article, main tbody tr';
const pages = { e: '', c: 'campaigns', k: 'contacts', a: 'accounts', u: 'uncertain', r: 'requests', m: 'replies', s: 'suppression' };
let going = false;

function go(to) {
  const path = document.querySelector('.brand').pathname + to;
  all('nav a, footer a').find((link) => link.pathname === path)?.click();
}

function move(by) {
  const list = all(rows), at = list.findIndex((row) => row.contains(document.activeElement));
  const row = list[Math.max(0, Math.min(at < 0 ? 0 : at + by, list.length - 1))];
  if (row) row.tabIndex = -1, row.focus();
}

function press(key, row) {
  if (going && key in pages) return go(pages[key]), true;
  if (key === 'j' || key === 'k') return move(key === 'j' ? 1 : -1), true;
  if (key === 'Enter') return row === document.activeElement && (row?.querySelector('a[href]')?.click(), Boolean(row));
  if (key === 'f') return all('input:not([type=hidden]), select, textarea', row ?? document.querySelector('main')).find(visible)?.focus(), true;
  if (key === '/') return search ? search.focus() : go('contacts'), true;
  if (key === '?') return go('keys'), true;
  const target = all('[data-key]').find((node) => node.dataset.key === key);
  return target?.click(), Boolean(target);
}

document.addEventListener('keydown', (event) => {
  const field = event.target.closest?.('input, select, textarea, [contenteditable]');
  if (event.key === 'Escape') document.activeElement?.blur();
  if (field || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || kept() === 'off') return;
  if (event.repeat && event.key !== 'j' && event.key !== 'k') return;
  const handled = press(event.key, event.target.closest?.(rows));
  going = event.key === 'g' && !going;
  if (handled) event.preventDefault();
});

for (const button of all('[data-keys]')) {
  const say = () => { button.textContent = kept() === 'off' ? 'Turn the keys on' : 'Turn the keys off'; };
  button.addEventListener('click', () => { kept(kept() === 'off' ? 'on' : 'off'); say(); });
  button.hidden = false;
  say();
}
