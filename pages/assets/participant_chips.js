// One chip for each column of a comparison: its color, its name, where it stands, and the way out. Text is never markup.

const SIDE = {recommended: 'good', 'half the cash': 'good', 'above as written': 'good', 'below as written': 'bad', failed: 'bad'};

export default function ({data, parentElement, setTriggerValue}) {
  const root = parentElement.querySelector('[data-part="root"]');
  root.dataset.dark = String(data.dark);
  root.replaceChildren(...data.chips.map(chip => draw(chip, setTriggerValue)));
}

function draw(chip, trigger) {
  const part = make('li', {title: chip.why, className: chip.removable ? '' : 'plain'});
  const swatch = make('span', {className: chip.dashed ? 'swatch dashed' : 'swatch'});
  Object.assign(swatch.style, {background: chip.color, color: chip.color});
  part.append(swatch, name(chip, trigger));
  for (const badge of chip.badges) {
    const standing = make('span', {className: 'standing', text: badge});
    standing.dataset.side = SIDE[badge] ?? '';
    part.append(standing);
  }
  if (chip.removable) {
    const remove = make('button', {type: 'button', className: 'remove', text: '✕', title: `Remove ${chip.name}`});
    remove.setAttribute('aria-label', `Remove ${chip.name}`);
    remove.onclick = () => trigger('remove', chip.id);
    part.append(remove);
  }
  return part;
}

function name(chip, trigger) {
  if (!chip.opens) return make('span', {className: 'name', text: chip.name});
  const part = make('button', {type: 'button', className: 'name', text: chip.name, title: `Open ${chip.name} in its run`});
  part.onclick = () => trigger('open', chip.id);
  return part;
}

function make(name, {text, ...properties}) {
  const element = Object.assign(document.createElement(name), properties);
  if (text !== undefined) element.textContent = text;
  return element;
}
