// Monthly returns of several accounts, a small table each: the larger a move, the stronger its ground. Text is never markup.

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

export default function ({data, parentElement}) {
  parentElement.querySelector('[data-part="root"]').replaceChildren(...data.tables.map(one => draw(one, data.full)));
}

function draw(one, full) {
  const table = make('table', {}), title = make('caption', {});
  const swatch = make('span', {className: one.dashed ? 'swatch dashed' : 'swatch'});
  Object.assign(swatch.style, {background: one.color, color: one.color});
  title.append(swatch, document.createTextNode(one.name));
  const head = make('thead', {}), body = make('tbody', {}), names = make('tr', {});
  names.append(column('Year', 'Year'), ...MONTHS.map(name => column(name[0], name)), column('Year, %', 'Whole year, %'));
  head.append(names);
  body.append(...one.years.map((year, place) => row(year, one.moves[place], one.whole[place], full)));
  table.append(title, head, body);
  return table;
}

function column(text, name) {
  const cell = make('th', {scope: 'col'});
  cell.append(make('abbr', {text, title: name}));
  return cell;
}

function row(year, moves, whole, full) {
  const part = make('tr', {});
  part.append(make('th', {scope: 'row', text: year}), ...moves.map((move, month) => field(move, MONTHS[month], year, full)));
  part.append(make('td', {text: write(whole, 1)}));
  return part;
}

function field(move, month, year, full) {
  if (move === null) return make('td', {});
  const cell = make('td', {text: write(move, 0), title: `${month} ${year}: ${write(move, 1)} %`});
  if (move) cell.dataset.side = move > 0 ? 'up' : 'down';
  cell.style.setProperty('--strength', (Math.min(Math.abs(move) / full, 1) * 0.5).toFixed(2));
  return cell;
}

function write(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) ? `−${text}` : text;
}

function make(name, {text, ...properties}) {
  const element = Object.assign(document.createElement(name), properties);
  if (text !== undefined) element.textContent = text;
  return element;
}
