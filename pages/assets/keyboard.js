// Two places that the keyboard alone could not get into, or out of: menus that fold out (their content lies at the end of the page,
// so the focus is taken there and back) and the code editor (Tab indents there, so Escape gives Tab back to the page).

const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]), textarea, select, [tabindex="0"]';
const BUTTON = '[data-testid="stPopover"] button', BODY = '[data-testid="stPopoverBody"]', EDITOR = 'iframe[src*="streamlit_ace"]';
const PAUSE_MS = 50, TRIES = 40;
let opener = null;

export default function () {
  if (window.stratloopKeyboard) return;
  window.stratloopKeyboard = true;
  document.addEventListener('keydown', onKey, true);
  window.addEventListener('blur', () => setTimeout(() => freeTab(document.activeElement)));
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
