// Rows of the workflow in the code: bars in the editor's gutter, and a list whose buttons go to the line.

const CLASS = 'stratloop-row', PAUSE_MS = 250, TRIES = 40;
const STYLE = `.${CLASS} { box-shadow: inset 3px 0 0 #0b9a6a; }`;
const waiting = new WeakMap();

export default function ({data, parentElement}) {
  clearTimeout(waiting.get(parentElement));
  list(parentElement.querySelector('[data-part="rows"]'), data.rows);
  mark(parentElement, data.rows, TRIES);
  return () => { clearTimeout(waiting.get(parentElement)); };
}

function list(place, rows) {
  place.hidden = !rows.length;
  place.replaceChildren(...rows.map(row => {
    const item = document.createElement('li'), found = row.main != null;
    const chip = document.createElement(found ? 'button' : 'span'), where = document.createElement('span');
    where.className = 'where';
    where.style.cssText = 'border:0;padding:0;min-height:0';
    where.textContent = found ? `line ${row.main}` : 'not named';
    chip.append(row.row, where);
    chip.title = row.words;
    if (found) Object.assign(chip, {type: 'button', onclick: () => goTo(row.main)});
    else chip.className = 'missing';
    item.append(chip);
    return item;
  }));
}

// The newest editor: one that is about to be replaced stays for a moment.
function findEditor() {
  const frames = [...document.querySelectorAll('iframe[src*="streamlit_ace"]')].reverse();
  for (const frame of frames) {
    try {
      const editor = frame.contentDocument?.querySelector('.ace_editor')?.env?.editor;
      if (editor) return {editor, page: frame.contentDocument};
    } catch { /* a frame from elsewhere cannot be looked into: the list stands alone */ }
  }
  return null;
}

// The bars move with their lines while somebody types; what comes from Python replaces them.
function mark(parent, rows, tries) {
  const found = findEditor();
  if (!found) {
    if (tries) waiting.set(parent, setTimeout(() => mark(parent, rows, tries - 1), PAUSE_MS));
    return;
  }
  const {editor, page} = found, {session} = editor, lines = new Set(rows.flatMap(row => row.lines));
  if (!page.getElementById(CLASS)) {
    const style = Object.assign(page.createElement('style'), {id: CLASS, textContent: STYLE});
    page.head.append(style);
  }
  for (let line = 0; line < session.getLength(); line += 1) {
    session.removeGutterDecoration(line, CLASS);
    if (lines.has(line + 1)) session.addGutterDecoration(line, CLASS);
  }
}

function goTo(line) {
  const found = findEditor();
  if (!found) return;
  found.editor.gotoLine(line, 0, true);
  found.editor.focus();
}
