// The table of a comparison: one column an iteration, rows in groups that fold, the best cell marked. Draws what it is given; text is never markup.

const folded = new WeakMap();   // root -> names of groups that are folded
const shownAll = new WeakMap(); // root -> true when rows that are the same were asked for

const MOST_BESIDE = 7; // columns whose values stand beside each other on a phone

export default function ({data, parentElement, setTriggerValue}) {
  const root = parentElement.querySelector('[data-part="root"]');
  if (!folded.has(root)) folded.set(root, new Set());
  draw(root, data, setTriggerValue);
}

function draw(root, data, trigger) {
  root.dataset.dark = String(data.dark);
  root.style.setProperty('--columns', data.columns.length);
  root.dataset.many = String(data.columns.length > MOST_BESIDE);
  const again = () => draw(root, data, trigger);
  const table = make('table', {});
  table.setAttribute('aria-label', 'Iterations side by side');
  table.append(head(data), ...data.groups.flatMap(group => body(root, data, group, again, trigger)));
  root.replaceChildren(table, foot(root, data, again));
}

function head(data) {
  const row = make('tr', {});
  const corner = make('th', {scope: 'col', className: 'corner', text: data.corner || 'Figure'});
  row.append(corner);
  for (const column of data.columns) row.append(columnHead(column));
  const part = make('thead', {});
  part.append(row);
  return part;
}

function columnHead(column) {
  const cell = make('th', {scope: 'col', title: column.why, className: column.error ? 'failing' : ''});
  const swatch = make('span', {className: column.dashed ? 'swatch dashed' : 'swatch'});
  swatch.style.background = column.color;
  swatch.style.color = column.color;
  cell.append(swatch, make('span', {className: 'full', text: column.name}), make('span', {className: 'short', text: column.short}));
  cell.lastChild.setAttribute('aria-hidden', 'true');
  const about = make('span', {className: 'sub'});
  for (const badge of column.badges) {
    const mark = make('span', {className: 'badge', text: badge});
    mark.dataset.kind = badge;
    about.append(mark);
  }
  cell.append(about, make('span', {className: 'sub', text: column.error || column.about}));
  return cell;
}

function body(root, data, group, again, trigger) {
  const everything = !data.differencesOnly || shownAll.get(root);
  const rows = group.rows.filter(row => everything || !row.same);
  if (!rows.length) return [];
  const closed = folded.get(root).has(group.name);
  const part = make('tbody', {});
  part.append(groupHead(root, data, group, closed, again));
  if (!closed) part.append(...rows.map(row => line(data, row, trigger)));
  return [part];
}

function groupHead(root, data, group, closed, again) {
  const row = make('tr', {className: 'group'});
  const cell = make('td', {colSpan: data.columns.length + 1});
  const fold = make('button', {type: 'button', text: `${closed ? '▸' : '▾'} ${group.name}`});
  fold.setAttribute('aria-expanded', String(!closed));
  fold.onclick = () => { const names = folded.get(root); closed ? names.delete(group.name) : names.add(group.name); again(); };
  cell.append(fold, make('span', {className: 'about', text: group.about}));
  row.append(cell);
  return row;
}

function line(data, row, trigger) {
  const part = make('tr', {className: row.wordy ? 'wordy' : ''});
  part.append(make('th', {scope: 'row', text: row.label, title: row.meaning}));
  row.cells.forEach((cell, place) => part.append(field(data, row, cell, data.columns[place], trigger)));
  return part;
}

function field(data, row, cell, column, trigger) {
  const part = make('td', {title: cell.note, className: row.long ? 'words' : ''});
  part.dataset.name = column.name;
  if (cell.best) part.classList.add('best');
  if (cell.state !== 'value') {
    const words = {locked: 'not looked at', failed: 'failed', 'going on': 'when it is over'}[cell.state] ?? cell.text;
    const state = make('span', {className: 'state', title: cell.state === 'locked' ? words : ''});
    state.dataset.state = cell.state;
    if (cell.state === 'locked') state.append(lock());
    state.append(make('span', {className: 'said', text: words}));
    part.append(state);
    if (cell.state === 'locked' && row.offersLook && column.lookable) part.append(lookButton(cell, column, trigger));
    return part;
  }
  part.append(breakAfterUnderscores(make('span', {className: 'value', text: cell.text})));
  if (row.numeric && data.baseline) {
    const delta = make('span', {className: 'delta', text: column.id === data.baseline ? 'base' : cell.delta});
    if (cell.better !== null) delta.dataset.better = String(cell.better);
    part.append(delta);
  }
  if (data.bars && cell.place !== null) part.append(bar(row, cell));
  return part;
}

function lookButton(cell, column, trigger) {
  const part = make('button', {type: 'button', className: 'look', text: 'Look', title: cell.note});
  part.setAttribute('aria-label', `Look at the hold-out of ${column.name}`);
  part.onclick = () => trigger('look', column.id);
  return part;
}

function bar(row, cell) {
  const part = make('span', {className: row.place_is_spot ? 'bar spot' : 'bar'});
  part.setAttribute('aria-hidden', 'true');
  part.dataset.edge = String(cell.at_edge);
  const fill = make('i', {});
  if (row.place_is_spot) fill.style.left = `${cell.place * 100}%`; else fill.style.width = `${cell.place * 100}%`;
  part.append(fill);
  return part;
}

function foot(root, data, again) {
  const part = make('p', {className: 'foot'});
  const hidden = data.groups.flatMap(group => group.rows.filter(row => row.same).map(row => row.label));
  if (!data.differencesOnly || !hidden.length) return part;
  const all = shownAll.get(root);
  part.append(document.createTextNode(`${hidden.length} ${hidden.length === 1 ? 'row is' : 'rows are'} the same for all: ${hidden.join(', ')}. `));
  const show = make('button', {type: 'button', text: all ? 'Hide them' : 'Show them'});
  show.onclick = () => { shownAll.set(root, !all); again(); };
  part.append(show);
  return part;
}

// Lets a long name go on below after an underscore, not in the middle of a word; what is copied stays as it is.
function breakAfterUnderscores(element) {
  const parts = element.textContent.split(/(?<=_)/);
  element.replaceChildren(...parts.flatMap((part, at) => (at ? [document.createElement('wbr'), part] : [part])));
  return element;
}

function make(name, {text, ...properties}) {
  const element = Object.assign(document.createElement(name), properties);
  if (text !== undefined) element.textContent = text;
  return element;
}
