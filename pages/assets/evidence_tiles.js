// Tiles of evidence: badge, figure, a small picture, a sentence, and a fold with all that is known. Draws what it is given; text is never markup.

const ICON = {for: '✓', against: '✕', undecided: '–', running: '↻'};
const opened = new WeakMap();   // root -> names of tiles that are unfolded

export default function ({data, parentElement}) {
  const root = parentElement.querySelector('[data-part="root"]');
  if (!opened.has(root)) opened.set(root, new Set());
  root.dataset.dark = String(data.dark);
  root.replaceChildren(...data.tiles.map(tile => draw(tile, opened.get(root))));
}

function draw(tile, names) {
  const part = make('section', {className: 'tile'});
  part.dataset.state = tile.state;
  part.setAttribute('aria-label', tile.name);
  const head = make('div', {className: 'head'});
  const badge = make('span', {className: 'badge'});
  badge.append(tile.state === 'locked' ? lock() : `${ICON[tile.state] ?? '○'} `, tile.state);
  head.append(make('span', {className: 'name', text: tile.name}), badge);
  const figure = make('p', {className: 'figure'});
  figure.append(make('b', {text: sign(tile.figure)}), document.createTextNode(` ${tile.unit}`));
  part.append(head, figure);
  const drawn = PICTURES[tile.picture]?.(tile.marks);
  if (drawn) part.append(drawn);
  part.append(make('p', {className: 'sentence', text: sign(tile.sentence)}));
  if (tile.detail) part.append(fold(tile, names));
  return part;
}

function fold(tile, names) {
  const part = make('details', {open: names.has(tile.name)});
  part.append(make('summary', {text: 'All that is known'}), make('p', {className: 'sentence', text: sign(tile.detail)}));
  part.ontoggle = () => part.open ? names.add(tile.name) : names.delete(tile.name);
  return part;
}

// Where a name is too long for its place, its last word stays: a parameter's number tells one line from the next.
function label(name) {
  const part = make('span', {className: 'label', title: name}), cut = name.lastIndexOf(' ') + 1;
  part.append(make('span', {className: 'first', text: name.slice(0, cut)}), make('span', {text: name.slice(cut)}));
  return part;
}

const PICTURES = {
  bars: marks => {
    const part = make('div', {className: 'bars'});
    const most = Math.max(...marks.map(mark => Math.abs(mark.value)), 1e-9);
    for (const mark of marks) {
      const line = make('div', {className: 'line'});
      const track = make('span', {className: 'track'});
      const fill = make('i', {className: mark.value < 0 ? 'minus' : ''});
      fill.style.width = `${100 * Math.abs(mark.value) / most}%`;
      track.append(fill);
      line.append(label(mark.name), track, make('span', {className: 'number', text: sign(mark.value.toFixed(2))}));
      part.append(line);
    }
    return part;
  },
  pairs: marks => {
    const values = marks.flatMap(mark => [mark.value, mark.second ?? 0]);
    const high = Math.max(...values, 0), low = Math.min(...values, 0), span = high - low || 1;
    const part = make('div', {className: 'pairs'});
    for (const mark of marks) {
      const pair = make('span', {className: 'pair', title: `${mark.name}: ${mark.value.toFixed(2)}, then ${(mark.second ?? 0).toFixed(2)}`});
      for (const [name, value] of [['before', mark.value], ['after', mark.second ?? 0]]) {
        const bar = make('i', {className: value < 0 ? `${name} minus` : name});
        bar.style.height = `${54 * Math.abs(value) / span}px`;
        bar.style.bottom = `${54 * (value < 0 ? value - low : -low) / span}px`;
        pair.append(bar);
      }
      part.append(pair);
    }
    return part;
  },
  dots: ([rounds, good]) => {
    const part = make('div', {className: 'dots'});
    for (let at = 0; at < rounds.value; at++) part.append(make('i', {className: at >= rounds.value - good.value ? 'good' : ''}));
    return part;
  },
  scores: marks => {
    const held = marks.at(-1), each = marks.slice(0, -1), values = marks.map(mark => mark.value);
    const least = Math.min(...values), span = Math.max(...values) - least || 1, taken = new Map();
    const part = make('div', {className: 'scores'});
    const at = number => `${4 + 92 * (number - least) / span}%`;
    for (const mark of each) {
      const place = Math.round(40 * (mark.value - least) / span), level = taken.get(place) ?? 0;
      taken.set(place, level + 1);
      const dot = make('i', {className: mark.value >= held.value ? 'good' : '', title: `${mark.name}: ${sign(mark.value.toFixed(2))}`});
      dot.style.left = at(mark.value);
      dot.style.bottom = `${Math.min(19 + 8 * level, 54)}px`;
      part.append(dot);
    }
    const line = make('b', {title: `${held.name}: ${sign(held.value.toFixed(2))}`});
    line.style.left = at(held.value);
    part.append(line, make('span', {text: `${each[0].name} ${sign(each[0].value.toFixed(2))} to ${sign(each.at(-1).value.toFixed(2))}`}),
      make('span', {className: 'held', text: `${held.name} ${sign(held.value.toFixed(2))}`}));
    return part;
  },
  range: ([low, high, value]) => {
    const ends = [low.value, high.value, value.value];
    const least = Math.min(...ends), span = Math.max(...ends) - least || 1;
    const at = number => `${6 + 88 * (number - least) / span}%`;
    const part = make('div', {className: 'range'});
    const band = make('i', {className: 'band'});
    band.style.left = at(Math.min(low.value, high.value));
    band.style.width = `calc(${at(Math.max(low.value, high.value))} - ${at(Math.min(low.value, high.value))})`;
    const spot = make('i', {className: 'spot', title: `${value.name} ${value.value.toFixed(2)}`});
    spot.style.left = at(value.value);
    part.append(band, spot, make('span', {text: `${low.name} ${sign(low.value.toFixed(2))}`}), make('span', {text: `${high.name} ${sign(high.value.toFixed(2))}`}));
    return part;
  },
  checks: marks => {
    const part = make('ul', {className: 'checks'});
    for (const mark of marks) {
      const line = make('li', {text: `${mark.value ? '✓' : '✕'} ${mark.name}`});
      line.dataset.passed = String(Boolean(mark.value));
      part.append(line);
    }
    return part;
  },
};

function sign(text) { return text.replace(/(^|[\s(])-(?=\d)/g, '$1−'); }

function make(name, {text, ...properties}) {
  const element = Object.assign(document.createElement(name), properties);
  if (text !== undefined) element.textContent = text;
  return element;
}
