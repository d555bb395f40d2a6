// The Perspective viewer over a socket of its own; comes back by itself when the line breaks, with the view as it was.

const RETRY_MS = [500, 1000, 2000, 4000, 8000];
const START_MS = 20000;       // a browser that has not shown anything by then is given a plain chart
const instances = new WeakMap();

export default function ({data, parentElement, setTriggerValue}) {
  let viewing = instances.get(parentElement);
  if (viewing && viewing.data.run !== data.run) { viewing.close(); viewing = null; }
  if (!viewing) { viewing = new Viewing(parentElement, data, setTriggerValue); instances.set(parentElement, viewing); }
  viewing.update(data, setTriggerValue);
  return () => { instances.get(parentElement)?.close(); instances.delete(parentElement); };
}

class Viewing {
  constructor(root, data, setTrigger) {
    Object.assign(this, {data, setTrigger, tries: 0, closed: false});
    this.host = root.querySelector('[data-part="viewer"]');
    this.note = root.querySelector('[data-part="note"]');
    this.patience = setTimeout(() => this.fail('nothing was drawn in time'), START_MS);
    this.start().catch(error => this.fail(error));
  }

  update(data, setTrigger) {
    const turned = this.data.dark !== data.dark;
    Object.assign(this, {data, setTrigger});
    if (turned && this.viewer) {
      paint(data.colors);
      this.viewer.restore({theme: theme(data)}).then(() => this.viewer?.restyleElement()).catch(() => {});
    }
  }

  close() {
    this.closed = true;
    clearTimeout(this.patience);
    clearTimeout(this.retry);
    this.drop();
  }

  drop() {
    const {viewer, socket} = this;
    this.viewer = this.socket = null;
    if (viewer) viewer.delete().catch(() => {}).finally(() => viewer.remove());
    if (socket) { socket.onclose = null; socket.close(); }
  }

  fail(error) {
    if (this.closed) return;
    console.warn('the Perspective viewer could not start:', error);
    this.close();
    this.setTrigger('failed', true);
  }

  async start() {
    style(this.data.style);
    const loaded = await import(location.origin + this.data.script);
    await loaded.ready;
    await customElements.whenDefined('perspective-viewer');
    await this.open();
  }

  async open() {
    if (this.closed) return;
    const engine = customElements.get('perspective-viewer').__wasm_module__;
    const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
    const socket = this.socket = new WebSocket(`${scheme}${location.host}${this.data.path}?token=${encodeURIComponent(this.data.token)}`);
    socket.binaryType = 'arraybuffer';
    const opened = await new Promise(done => { socket.onopen = () => done(true); socket.onclose = () => done(false); });
    if (!opened) return this.lost();
    socket.onclose = () => this.lost();
    const say = async bytes => { if (socket.readyState === WebSocket.OPEN) socket.send(bytes.slice().buffer); };
    const client = new engine.Client(say, () => socket.close());
    socket.onmessage = event => client.handle_response(event.data);
    const viewer = this.viewer = document.createElement('perspective-viewer');
    paint(this.data.colors);
    this.host.appendChild(viewer);
    await viewer.load(client);
    await viewer.restore({...START, ...remembered(this.data.run), theme: theme(this.data), table: 'curves'});
    if (this.closed || socket !== this.socket) return;
    viewer.addEventListener('perspective-config-update', () => this.keep(viewer));
    clearTimeout(this.patience);
    this.tries = 0;
    this.note.hidden = true;
    this.host.dataset.ready = 'true';
  }

  keep(viewer) {
    viewer.save().then(view => sessionStorage.setItem(`stratloop view of ${this.data.run}`, JSON.stringify(view)))
      .catch(error => console.warn('the view is not remembered:', error));
  }

  lost() {
    if (this.closed) return;
    this.drop();
    this.note.hidden = false;
    this.note.textContent = 'Reconnecting';
    delete this.host.dataset.ready;
    const pause = RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)];
    this.retry = setTimeout(() => this.open().catch(() => this.lost()), pause);
  }
}

// How the viewer was set up when it was last shown for this run: the page redraws it when the run ends.
function remembered(run) {
  try { return JSON.parse(sessionStorage.getItem(`stratloop view of ${run}`)) || {}; } catch { return {}; }
}

const START = {
  title: 'Equity by iteration', plugin: 'Y Line', group_by: ['time'], split_by: ['curve'], columns: ['equity'], aggregates: {equity: 'last', drawdown: 'last'}, settings: false,
};

// The product's own colors: those of the viewer's themes are hard to tell apart, and its parts set them again below the viewer.
function paint(colors) {
  let sheet = document.getElementById('stratloop-viewer-colors');
  if (!sheet) document.head.append(sheet = Object.assign(document.createElement('style'), {id: 'stratloop-viewer-colors'}));
  const lines = colors.map((color, place) => `--psp-charts--series-${place + 1}--color: ${color} !important;`);
  sheet.textContent = `perspective-viewer, perspective-viewer * { ${lines.join(' ')} }`;
}

function theme(data) { return data.dark ? 'Pro Dark' : 'Pro Light'; }

function style(address) {
  if (document.head.querySelector(`link[href="${address}"]`)) return;
  const link = document.createElement('link');
  Object.assign(link, {rel: 'stylesheet', href: address});
  document.head.appendChild(link);
}
