// The leaderboard of a run: rank, standing, score with its range, course, change; rows are ticked for Compare, a number opens the iteration.

const ticked = new WeakMap();   // root -> numbers that are ticked

export default function ({data, parentElement, setStateValue, setTriggerValue}) {
  const root = parentElement.querySelector('[data-part="root"]');
  root.dataset.dark = String(data.dark);
  if (!ticked.has(root)) ticked.set(root, new Set(data.ticked));
  const chosen = ticked.get(root);
  const table = make('table', {});
  table.setAttribute('aria-label', 'Iterations');
  table.append(head(data), body(data, chosen, root, setStateValue, setTriggerValue));
  root.replaceChildren(table);
}

function head(data) {
  const row = make('tr', {});
  for (const [text, kind] of [['', 'tick'], ['#', 'num'], ['Iteration', 'name'], [`${data.score}, 95% range`, 'range'], ['Δ', 'num'],
                              ...data.figures.map(name => [name, 'num']), ['Hold-out', 'num'], ['Growth', 'spark'], ['Change, from', 'change']]) {
    const cell = make('th', {scope: 'col', className: kind, text});
    if (!text) cell.append(make('span', {className: 'unseen', text: 'Chosen'}));
    row.append(cell);
  }
  const part = make('thead', {});
  part.append(row);
  return part;
}

function body(data, chosen, root, setState, trigger) {
  const part = make('tbody', {});
  const ends = data.rows.flatMap(row => [row.low ?? row.score, row.high ?? row.score]).filter(value => value !== null);
  const scale = {low: Math.min(...ends), span: (Math.max(...ends) - Math.min(...ends)) || 1};
  for (const row of data.rows) part.append(line(data, row, scale, chosen, setState, trigger));
  return part;
}

function line(data, row, scale, chosen, setState, trigger) {
  const part = make('tr', {});
  const mark = () => part.classList.toggle('on', chosen.has(row.number));
  const box = make('input', {type: 'checkbox', checked: chosen.has(row.number), disabled: !row.usable});
  box.setAttribute('aria-label', `Choose iteration ${row.number}`);
  box.onchange = () => { box.checked ? chosen.add(row.number) : chosen.delete(row.number); mark(); setState('ticked', [...chosen]); };
  const tick = make('td', {className: 'tick'});
  tick.append(box);
  const open = make('button', {type: 'button', text: row.name, title: `Open iteration ${row.number}`});
  open.onclick = () => trigger('open', row.number);
  const name = make('td', {className: 'name'});
  name.append(open, ...row.standings.map(text => { const badge = make('span', {className: 'badge', text}); badge.dataset.kind = text; return badge; }));
  part.append(tick, make('td', {className: 'num', text: row.rank ?? '–'}), name, range(row, scale), delta(row),
    ...row.figures.map((text, at) => cell(data.figures[at], text)), holdOut(row), spark(row), change(row));
  mark();
  return part;
}

function cell(label, text, title) {
  const part = make('td', {className: 'num', text, title: title ?? ''});
  part.dataset.label = label;
  return part;
}

function holdOut(row) {
  const part = cell('Hold-out', row.holdOut ?? '', row.holdOutWhy);
  if (row.holdOut === null) part.append(lock(), make('span', {className: 'unseen', text: 'not looked at'}));
  return part;
}

function delta(row) {
  const part = cell('Δ', row.delta);
  if (row.better !== null) part.dataset.better = String(row.better);
  return part;
}

function range(row, scale) {
  const part = make('td', {className: 'range', title: row.rangeWords});
  const drawn = make('span', {className: 'whisker'});
  drawn.setAttribute('aria-hidden', 'true');
  const at = value => 100 * (value - scale.low) / scale.span;
  if (row.low !== null && row.high !== null) {
    const bar = make('i', {className: 'bar'});
    bar.style.left = `${at(row.low)}%`;
    bar.style.width = `${at(row.high) - at(row.low)}%`;
    drawn.append(bar);
  }
  if (row.score !== null) {
    const spot = make('i', {className: 'spot'});
    spot.style.left = `${at(row.score)}%`;
    if (row.color) spot.style.background = row.color;
    drawn.append(spot);
  }
  part.append(drawn, make('b', {text: row.scoreText}));
  return part;
}

function spark(row) {
  const part = make('td', {className: 'spark'});
  if (row.course.length < 2) return part;
  const low = Math.min(...row.course), span = (Math.max(...row.course) - low) || 1;
  const points = row.course.map((value, at) => `${100 * at / (row.course.length - 1)},${22 - 20 * (value - low) / span}`).join(' ');
  const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  picture.setAttribute('viewBox', '0 0 100 24');
  picture.setAttribute('preserveAspectRatio', 'none');
  picture.setAttribute('aria-hidden', 'true');
  const drawn = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
  drawn.setAttribute('points', points);
  if (row.color) drawn.style.stroke = row.color;
  picture.append(drawn);
  part.append(picture);
  return part;
}

function change(row) {
  const part = make('td', {className: row.failed ? 'change failed' : 'change'});
  if (row.parent !== null) part.append(make('b', {text: `${row.parent} `}));
  part.append(document.createTextNode(row.change));
  if (row.verdict) part.append(make('span', {className: 'badge', text: `hypothesis ${row.verdict}`}));
  return part;
}

function make(name, {text, ...properties}) {
  const element = Object.assign(document.createElement(name), properties);
  if (text !== undefined) element.textContent = String(text);
  return element;
}
