// Places that the keyboard alone could not get into, or out of: menus that fold out (their content lies at the end of the page, so the
// focus is taken there and back) and the code editor (Tab indents there, so Escape gives Tab back to the page). A menu that a dialog
// was opened from would lie over it, and hold the keys that are meant for it: it folds in when the dialog appears.

const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]), textarea, select, [tabindex="0"]';
const BUTTON = '[data-testid="stPopover"] button', BODY = '[data-testid="stPopoverBody"]', EDITOR = 'iframe[src*="streamlit_ace"]', DIALOG = '[data-testid="stDialog"]';
const PAUSE_MS = 50, TRIES = 40;
let opener = null;

export default function () {
  if (window.stratloopKeyboard) return;
  window.stratloopKeyboard = true;
  document.addEventListener('keydown', onKey, true);
  window.addEventListener('blur', () => setTimeout(() => freeTab(document.activeElement)));
  new MutationObserver(changes => {
    if (changes.some(change => [...change.addedNodes].some(holdsDialog))) foldIn();
  }).observe(document.body, {childList: true, subtree: true});
}

function holdsDialog(node) {
  return node.nodeType === Node.ELEMENT_NODE && (node.matches(DIALOG) || node.querySelector(DIALOG) !== null);
}

function foldIn() {  // a menu folds in by a click elsewhere; the page itself has nothing that this click could press
  if (document.querySelector(BODY)) document.documentElement.dispatchEvent(new MouseEvent('click', {bubbles: true}));
}

function onKey(event) {
  const body = event.target.closest?.(BODY);
  if (body) return within(event, body);
  const button = event.target.closest?.(BUTTON);
  if (!button || !['Enter', ' '].includes(event.key) || button.getAttribute('aria-expanded') === 'true') return;
  opener = button;
  enter(TRIES);
}

function enter(tries) {
  const body = [...document.querySelectorAll(BODY)].at(-1), first = body?.querySelector(FOCUSABLE);
  if (first) first.focus();
  else if (tries && document.activeElement === opener) setTimeout(() => enter(tries - 1), PAUSE_MS);
}

function within(event, body) {
  if (!opener?.isConnected) return;
  const stops = [...body.querySelectorAll(FOCUSABLE)].filter(one => one.getClientRects().length);
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (event.key === 'Escape') setTimeout(() => { if (!body.isConnected) opener.focus(); }, PAUSE_MS);
  else if (event.key === 'Tab' && event.target === edge) {
    event.preventDefault();
    opener.focus();
  }
}

function freeTab(frame) {
  if (!frame?.matches?.(EDITOR)) return;
  const editor = frame.contentDocument?.querySelector('.ace_editor')?.env?.editor;
  if (!editor || editor.stratloopLeaves) return;
  editor.stratloopLeaves = true;
  const keys = editor.commands.commandKeyBinding, taken = {};
  editor.commands.addCommand({name: 'giveTabBack', bindKey: 'Esc', exec: () => {
    if (editor.inMultiSelectMode) return editor.exitMultiSelectMode();
    for (const key of ['tab', 'shift-tab']) if (keys[key]) { taken[key] = keys[key]; delete keys[key]; }
  }});
  editor.on('blur', () => Object.assign(keys, taken));
}
