// The two growing charts, as SVG in the colors of the theme. Values in, elements out.

const SVG = 'http://www.w3.org/2000/svg';
const EDGE = {top: 8, right: 10, bottom: 22, left: 54};

function svg(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function ticks(low, high, count) {
  const span = high - low || 1, raw = span / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find(one => one * power >= raw) * power;
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) found.push(Math.abs(at) < step * 1e-9 ? 0 : at);
  return found;
}

function scale(from, to, low, high) {
  const factor = (high - low) / (to - from || 1);
  return value => low + (value - from) * factor;
}

function path(points) {
  let down = false, text = '';
  for (const [x, y] of points) {
    if (y == null || !Number.isFinite(y)) { down = false; continue; }
    text += `${down ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    down = true;
  }
  return text;
}

function frame(host, height) {
  const width = Math.max(220, Math.round(host.clientWidth));
  const root = svg('svg', {viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true'});
  return {root, width, height, x0: EDGE.left, x1: width - EDGE.right, y0: height - EDGE.bottom, y1: EDGE.top};
}

function yAxis(f, low, high, form) {
  const y = scale(low, high, f.y0, f.y1);
  for (const at of ticks(low, high, 5)) {
    f.root.append(svg('line', {class: 'grid', x1: f.x0, x2: f.x1, y1: y(at), y2: y(at)}));
    f.root.append(svg('text', {class: 'axis', x: f.x0 - 8, y: y(at) + 4, 'text-anchor': 'end'}, form(at)));
  }
  return y;
}

// Equity: `curves` are {name, values, kind}, kind one of other, market, baseline, best, growing, drawn in that order from the back.
// Values are evenly spread over the bars unless `shares` says where each stands, between 0 and 1.
function equityChart(host, curves, times, label) {
  const all = curves.flatMap(curve => curve.values).filter(Number.isFinite);
  if (!all.length || !host.clientWidth) return null;
  const f = frame(host, 330), low = Math.min(...all), high = Math.max(...all), pad = (high - low || Math.abs(high) || 1) * 0.04;
  const y = yAxis(f, low - pad, high + pad, compact), x = scale(0, 1, f.x0, f.x1);
  for (const share of dateShares(f.width)) {
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    f.root.append(svg('text', {class: 'axis', x: x(share), y: f.height - 5, 'text-anchor': anchor}, label(share, times)));
  }
  for (const kind of ['other', 'market', 'baseline', 'best', 'growing']) {
    for (const curve of curves.filter(one => one.kind === kind)) {
      const last = curve.values.length - 1 || 1, place = i => x(curve.shares ? curve.shares[i] : i / last);
      f.root.append(svg('path', {class: `curve ${kind}`, d: path(curve.values.map((value, i) => [place(i), y(value)]))}));
      if (kind === 'growing') f.root.append(svg('circle', {class: 'tip-of-growth', cx: place(curve.values.length - 1), cy: y(curve.values.at(-1)), r: 3.5}));
    }
  }
  const ruler = svg('line', {class: 'ruler', y1: f.y1, y2: f.y0, visibility: 'hidden'});
  f.root.append(ruler);
  host.replaceChildren(f.root);
  return {ruler, share: px => (px - f.x0) / (f.x1 - f.x0), x};
}

// The value of a curve at a share of the bars; nothing where it has not come yet.
function valueAt(curve, share) {
  if (!curve.shares) return curve.values[Math.round(share * (curve.values.length - 1))];
  return share > curve.shares.at(-1) ? null : curve.values[curve.shares.findLastIndex(one => one <= share)];
}

function dateShares(width) { return width < 420 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]; }

function compact(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toPrecision(4)}M`;
  return size >= 1e4 ? `${+(value / 1e3).toPrecision(4)}k` : (+value.toPrecision(5)).toLocaleString('en-US');
}

// Score of each loop, the best so far as a step, the luck line, and what holding as often earned.
function scoreChart(host, all, loops, form) {
  const tried = all.filter(one => one.score != null), luck = all.filter(one => one.luck != null);
  if (!tried.length || !host.clientWidth) return;
  const f = frame(host, 300), last = Math.max(loops, all.at(-1).number, 1);
  const values = [...tried.map(one => one.score), ...luck.flatMap(one => [one.luck, one.held])];
  const low = Math.min(...values), high = Math.max(...values), pad = (high - low || 1) * 0.08;
  const y = yAxis(f, low - pad, high + pad, form), x = scale(0, last, f.x0 + 6, f.x1 - 6);
  for (const at of ticks(0, last, Math.min(last, f.width < 420 ? 5 : 8)).filter(Number.isInteger)) {
    f.root.append(svg('text', {class: 'axis', x: x(at), y: f.height - 5, 'text-anchor': 'middle'}, String(at)));
  }
  for (const [kind, key] of [['luck', 'luck'], ['luck held', 'held']]) {
    f.root.append(svg('path', {class: kind, d: path(luck.map(one => [x(one.number), y(one[key])]))}));
  }
  let best = -Infinity;
  const steps = [], dots = [];
  for (const one of all) {
    const better = one.score != null && one.score > best;
    if (better) { if (steps.length) steps.push([x(one.number), y(best)]); best = one.score; steps.push([x(one.number), y(best)]); }
    if (one.score != null) dots.push(svg('circle', {class: better ? 'dot new' : 'dot', cx: x(one.number), cy: y(one.score), r: 4},
      svg('title', {}, `Iteration ${one.number}: ${form(one.score)}`)));
  }
  if (steps.length) steps.push([x(all.at(-1).number), y(best)]);
  f.root.append(svg('path', {class: 'steps', d: path(steps)}), ...dots);
  host.replaceChildren(f.root);
}

// A small curve; with a label it is a picture of its own, without one it repeats what stands beside it.
function spark(values, label) {
  const spoken = label ? {role: 'img', 'aria-label': label} : {'aria-hidden': 'true'};
  const root = svg('svg', {class: 'spark', viewBox: '0 0 120 26', width: 120, height: 26, preserveAspectRatio: 'none', ...spoken});
  const known = values.filter(Number.isFinite);
  if (known.length > 1) {
    const y = scale(Math.min(...known), Math.max(...known), 24, 2), x = scale(0, values.length - 1, 1, 119);
    root.append(svg('path', {d: path(values.map((value, i) => [x(i), y(value)]))}));
  }
  return root;
}
