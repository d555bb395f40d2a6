// Accounts of a comparison over one axis of time: growth, drawdown, time in the market, Sharpe ratio of the last year. One line under the
// pointer runs through all of them and is read out beside each. A stretch that is marked is drawn here at once, and reported for the rest
// of the page. Drawn with the means of live_charts.js; text is never markup.

const DAY = 86_400_000;
const LEFT = 52, RIGHT = 10, STRIP = 16, FOOT = 22;
const FEWEST_PIXELS = 6;  // what is dragged less far was a click
const STEPS = 120;        // steps of the arrow keys from one end to the other
const LOG_FROM = 3;       // ratio of the ends from which a logarithmic scale is another picture
const views = new WeakMap();

export default function ({data, parentElement, setTriggerValue}) {
  const root = parentElement.querySelector('[data-part="root"]');
  if (!views.has(root)) views.set(root, new View(root));
  views.get(root).show(data, setTriggerValue);
}

class View {
  constructor(root) {
    this.root = root;
    this.at = null;
    this.width = 0;
    new ResizeObserver(() => { if (this.data && root.clientWidth !== this.width) this.draw(); }).observe(root);
  }

  show(data, trigger) {
    Object.assign(this, {data, trigger, span: [data.first, data.last], at: null});
    this.root.dataset.dark = String(data.dark);
    this.draw();
  }

  draw() {
    this.width = this.root.clientWidth;
    if (!this.width) return;
    this.curves = this.data.curves.map(curve => cut(curve, this.span, this.data.first));
    this.panels = [this.growth(), this.drawdown(), this.strips(), this.sharpe()].filter(Boolean);
    this.root.replaceChildren(this.legend(), ...this.panels.map(panel => panel.box), this.foot());
    for (const panel of this.panels) this.paint(panel);
    this.read(this.at);
  }

  panel(name, height, {low, high, log = false, form, labels = true, value}) {
    const box = made('section', 'panel'), plot = made('div', 'plot'), side = made('dl', 'side');
    box.setAttribute('aria-label', name);
    box.append(made('p', 'title', name), plot, side);
    return {box, plot, side, height, low, high, log, form, labels, value, name};
  }

  growth() {
    const all = this.curves.flatMap(curve => curve.growth.map(point => point[1]));
    if (!all.length) return null;
    const [low, high] = ends(all), log = this.data.log && low > 0 && high / low >= LOG_FROM;
    const form = value => `${value.toFixed(2)}×`;
    return this.panel('Growth of the account, times the start', 232, {low, high, log, form, value: curve => curve.growth});
  }

  drawdown() {
    const all = this.curves.flatMap(curve => curve.fall.map(point => point[1]));
    if (!all.length) return null;
    return this.panel('Drawdown', 118, {low: Math.min(...all), high: 0, form: value => `${minus(value.toFixed(1))}%`, value: curve => curve.fall});
  }

  strips() {
    const held = this.curves.filter(curve => curve.held);
    if (!held.length) return null;
    const name = this.data.holdOut ? 'In the market, training' : 'In the market';
    return {...this.panel(name, held.length * STRIP + 8, {low: 0, high: 1, labels: false}), held};
  }

  sharpe() {
    const all = this.curves.flatMap(curve => curve.sharpe.map(point => point[1])).filter(Number.isFinite);
    if (!all.length) return null;
    const name = this.data.holdOut ? 'Sharpe ratio of the last year, training' : 'Sharpe ratio of the last year';
    return this.panel(name, 104, {low: Math.min(...all, 0), high: Math.max(...all, 0), form: value => minus(value.toFixed(2)), value: curve => curve.sharpe});
  }

  legend() {
    const part = made('p', 'legend');
    for (const curve of this.data.curves) part.append(swatch(curve), document.createTextNode(curve.name));
    return part;
  }

  foot() {
    const part = made('p', 'foot', 'Drag across a chart to mark a stretch: charts and tables are of it alone then. Arrow keys read along the time.');
    return part;
  }

  paint(panel) {
    const last = panel === this.panels.at(-1), width = Math.max(180, panel.plot.clientWidth), height = panel.height + (last ? FOOT : 4);
    const picture = svg('svg', {viewBox: `0 0 ${width} ${height}`, width, height});
    panel.picture = picture;
    this.x = scale(this.span[0], this.span[1], LEFT, width - RIGHT);
    this.t = scale(LEFT, width - RIGHT, this.span[0], this.span[1]);
    this.edges = [LEFT, width - RIGHT];
    this.shade(panel, panel === this.panels[0]);
    panel.y = panel.held ? null : this.rows(panel);
    if (panel.held) this.bars(panel); else this.lines(panel);
    if (last) this.days(picture, height);
    panel.ruler = svg('line', {class: 'ruler', y1: 0, y2: panel.height, visibility: 'hidden'});
    panel.mark = svg('rect', {class: 'mark', y: 0, height: panel.height, visibility: 'hidden'});
    picture.append(panel.mark, panel.ruler);
    panel.plot.replaceChildren(picture);
    this.listen(panel);
    if (panel === this.panels[0]) this.focusable(panel.plot);
  }

  rows(panel) {
    const pad = panel.log ? 0 : (panel.high - panel.low || 1) * 0.05;
    const [low, high] = panel.log ? [Math.log(panel.low / 1.04), Math.log(panel.high * 1.04)] : [panel.low - pad, panel.high + (panel.high ? pad : 0)];
    const place = scale(low, high, panel.height - 4, 6), y = value => place(panel.log ? Math.log(Math.max(value, 1e-9)) : value);
    const levels = panel.log ? ratios(panel.low, panel.high) : ticks(panel.low, panel.high, panel.height > 150 ? 5 : 3);
    for (const level of levels.filter(one => y(one) > 4)) {
      panel.picture.append(svg('line', {class: level === 0 ? 'grid zero' : 'grid', x1: LEFT, x2: this.edges[1], y1: y(level), y2: y(level)}));
      panel.picture.append(svg('text', {class: 'axis', x: LEFT - 7, y: y(level) + 4, 'text-anchor': 'end'}, tick(panel, level)));
    }
    return y;
  }

  lines(panel) {
    for (const curve of [...this.curves].reverse()) {
      const points = panel.value(curve).map(([t, value]) => [this.x(t), value === null ? null : panel.y(value)]);
      const drawn = svg('path', {class: curve.dashed ? 'curve dashed' : 'curve', d: path(points)});
      drawn.style.stroke = curve.color;
      panel.picture.append(drawn);
    }
  }

  bars(panel) {
    panel.held.forEach((curve, place) => {
      const top = 4 + place * STRIP;
      panel.picture.append(svg('text', {class: 'axis', x: LEFT - 7, y: top + 10, 'text-anchor': 'end'}, curve.short));
      for (const [from, to] of curve.held) {
        const bar = svg('rect', {class: 'bar', x: this.x(from), y: top, width: Math.max(this.x(to) - this.x(from), 1), height: STRIP - 5});
        bar.style.fill = curve.color;
        panel.picture.append(bar);
      }
    });
  }

  shade(panel, named) {
    if (!this.data.holdOut) return;
    const [from, to] = [Math.max(this.data.holdOut[0], this.span[0]), Math.min(this.data.holdOut[1], this.span[1])].map(this.x);
    if (to <= from) return;
    panel.picture.append(svg('rect', {class: 'held', x: from, y: 0, width: to - from, height: panel.height}));
    if (named) panel.picture.append(svg('text', {class: 'axis', x: from - 6, y: panel.height - 6, 'text-anchor': 'end'}, 'Training'),
      svg('text', {class: 'axis', x: from + 6, y: panel.height - 6}, 'Hold-out'));
  }

  days(picture, height) {
    let free = -Infinity;
    for (const [moment, text] of marks(this.span)) {
      const x = this.x(moment), half = text.length * 3.4;
      if (x - half < free || x + half > this.edges[1] + RIGHT) continue;
      free = x + half + 10;
      picture.append(svg('text', {class: 'axis', x, y: height - 6, 'text-anchor': 'middle'}, text));
    }
  }

  focusable(plot) {
    Object.assign(plot, {tabIndex: 0});
    for (const [name, value] of [['role', 'slider'], ['aria-label', 'Day that is read'], ['aria-valuemin', 0], ['aria-valuemax', STEPS]]) plot.setAttribute(name, value);
    plot.onkeydown = event => {
      const way = {ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10, Home: -STEPS, End: STEPS}[event.key];
      if (!way) return;
      event.preventDefault();
      const step = (this.span[1] - this.span[0]) / STEPS;
      this.read(Math.min(Math.max((this.at ?? this.end()) + way * step, this.span[0]), this.span[1]));
    };
  }

  listen(panel) {
    const where = event => this.t(Math.min(Math.max(event.clientX - panel.plot.getBoundingClientRect().left, this.edges[0]), this.edges[1]));
    panel.plot.onpointerdown = event => {
      if (event.button) return;
      this.from = {x: event.clientX, t: where(event)};
      panel.plot.setPointerCapture(event.pointerId);
    };
    panel.plot.onpointermove = event => {
      this.read(where(event));
      if (this.from && Math.abs(event.clientX - this.from.x) > FEWEST_PIXELS) this.mark(this.from.t, where(event));
    };
    panel.plot.onpointerup = event => {
      const from = this.from;
      this.from = null;
      this.mark();
      if (from && Math.abs(event.clientX - from.x) > FEWEST_PIXELS) this.take(...[from.t, where(event)].sort((a, b) => a - b));
    };
    panel.plot.onpointercancel = () => { this.from = null; this.mark(); };
    panel.plot.onpointerleave = () => { if (!this.from) this.read(null); };
  }

  mark(from, to) {
    for (const panel of this.panels) {
      panel.mark.setAttribute('visibility', from === undefined ? 'hidden' : 'visible');
      if (from === undefined) continue;
      const [a, b] = [this.x(from), this.x(to)].sort((one, two) => one - two);
      panel.mark.setAttribute('x', a);
      panel.mark.setAttribute('width', b - a);
    }
  }

  take(from, to) {
    const last = Math.min(to, this.data.trained);
    if (last - from < DAY) return;
    this.span = [from, last];
    this.at = null;
    this.draw();
    this.trigger('marked', [from, last]);
  }

  end() { return Math.min(this.span[1], Math.max(this.data.trained, this.span[0])); }

  read(at) {
    this.at = at;
    const moment = at ?? this.end(), day = write(moment, this.span);
    for (const panel of this.panels) {
      panel.ruler.setAttribute('visibility', at === null ? 'hidden' : 'visible');
      panel.ruler.setAttribute('x1', this.x(moment));
      panel.ruler.setAttribute('x2', this.x(moment));
      const rows = (panel.held ?? this.curves).map(curve => [curve, panel.held ? state(curve.held, moment) : said(panel, panel.value(curve), moment)]);
      const known = rows.filter(([, text]) => text !== '');
      panel.side.replaceChildren(made('dt', 'day', panel === this.panels[0] ? `${at !== null ? 'At' : this.data.holdOut ? 'At the end of training,' : 'At the end,'} ${day}` : ''),
        ...known.flatMap(([curve, text]) => [named(curve), made('dd', '', text)]));
    }
    const plot = this.panels[0]?.plot;
    plot?.setAttribute('aria-valuenow', Math.round(STEPS * (moment - this.span[0]) / (this.span[1] - this.span[0] || 1)));
    plot?.setAttribute('aria-valuetext', `${day}: ${this.curves.map(curve => `${curve.name} ${said(this.panels[0], curve.growth, moment)}`).join(', ')}`);
  }
}

// A curve within a span: growth begins with 1 where the span begins, falls are measured from there on.
function cut(curve, [first, last], whole) {
  const inside = points => points.filter(([t]) => t >= first && t <= last);
  const before = first > whole ? curve.growth.findLast(([t]) => t < first) : null;
  const base = before ? before[1] : 1;
  const growth = inside(curve.growth).map(([t, value]) => [t, value / base]);
  let peak = 1;
  const fall = growth.map(([t, value]) => { peak = Math.max(peak, value); return [t, 100 * (value / peak - 1)]; });
  const held = curve.held?.filter(([from, to]) => to >= first && from <= last).map(([from, to]) => [Math.max(from, first), Math.min(to, last)]);
  return {...curve, growth, fall, held, sharpe: inside(curve.sharpe ?? [])};
}

function ends(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
  return [low, high];
}

function ratios(low, high) {
  const every = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) for (const digit of [1, 1.5, 2, 3, 5, 7]) every.push(digit * 10 ** power);
  const found = every.filter(value => value >= low / 1.03 && value <= high * 1.03);
  return found.length <= 6 ? found : found.filter(value => /^[125]/.test(value.toExponential()) && !/^1\.5/.test(value.toExponential()));
}

function tick(panel, level) {
  if (panel.form?.(1).endsWith('×')) return `${+level.toPrecision(3)}×`;
  return minus(panel.form?.(1).endsWith('%') ? `${+level.toPrecision(4)}%` : `${+level.toPrecision(3)}`);
}

// Beginnings of years, months or days within a span, with their words.
function marks([first, last]) {
  const days = (last - first) / DAY, start = new Date(first), found = [];
  if (days < 4) {
    const hours = [1, 2, 3, 6, 12, 24].find(each => days * 24 / each <= 10);
    for (let at = Math.ceil(first / (hours * DAY / 24)) * hours * DAY / 24; at <= last; at += hours * DAY / 24) found.push([at, new Date(at).toISOString().slice(5, 16).replace('T', ' ')]);
    return found;
  }
  if (days < 80) {
    const step = Math.ceil(days / 10);
    for (let at = Math.ceil(first / DAY) * DAY; at <= last; at += step * DAY) found.push([at, new Date(at).toISOString().slice(5, 10)]);
    return found;
  }
  const months = [1, 2, 3, 6, 12, 24, 60, 120].find(each => days / 30.4 / each <= 11);
  let at = new Date(Date.UTC(start.getUTCFullYear() - start.getUTCFullYear() % Math.max(1, months / 12), 0));
  for (; at <= last; at = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months))) {
    if (at >= first) found.push([+at, months < 12 && at.getUTCMonth() ? at.toLocaleString('en-US', {month: 'short', timeZone: 'UTC'}) : String(at.getUTCFullYear())]);
  }
  return found;
}

function write(moment, [first, last]) {
  const text = new Date(moment).toISOString();
  return last - first < 10 * DAY ? text.slice(0, 16).replace('T', ' ') : text.slice(0, 10);
}

function said(panel, points, moment) {
  let low = 0, high = points.length - 1;
  if (high < 0 || points[0][0] > moment || points[high][0] < moment - 10 * DAY - (points[high][0] - points[0][0]) / 50) return '';
  while (low < high) { const middle = (low + high + 1) >> 1; if (points[middle][0] <= moment) low = middle; else high = middle - 1; }
  return Number.isFinite(points[low][1]) && points[low][1] !== null ? panel.form(points[low][1]) : '';
}

function state(held, moment) { return held.some(([from, to]) => from <= moment && moment <= to) ? 'in' : 'out'; }

function minus(text) { return text.replace(/^-(?=[\d.]*[1-9])/, '−').replace(/^-/, ''); }

function swatch(curve) {
  const mark = made('i', curve.dashed ? 'swatch dashed' : 'swatch');
  mark.style.color = mark.style.background = curve.color;
  return mark;
}

function named(curve) {
  const part = made('dt');
  part.append(swatch(curve), made('span', 'full', curve.name), made('span', 'short', curve.short));
  return part;
}

function made(name, kind = '', text = '') {
  const element = document.createElement(name);
  if (kind) element.className = kind;
  if (text) element.textContent = text;
  return element;
}
