// Lines of two programs that differ, with the lines around them. Text is never markup.

const SIGN = {in: '+', out: '−', same: ' '};

export default function ({data, parentElement}) {
  const table = document.createElement('table');
  const part = document.createElement('tbody');
  for (const line of data.lines) part.append(line.kind === 'gap' ? gap(line) : row(line));
  table.append(part);
  parentElement.querySelector('[data-part="root"]').replaceChildren(table);
}

function row(line) {
  const part = document.createElement('tr');
  part.className = line.kind;
  part.append(cell('number', line.before ?? ''), cell('number', line.after ?? ''), cell('number', SIGN[line.kind]), cell('text', line.text), cell('about', line.about));
  return part;
}

function gap(line) {
  const part = document.createElement('tr');
  part.className = 'gap';
  const only = cell('text', line.text);
  only.colSpan = 5;
  part.append(only);
  return part;
}

function cell(kind, text) {
  const part = document.createElement('td');
  part.className = kind;
  part.textContent = text;
  return part;
}
