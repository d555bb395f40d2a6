// Text that is typed and not sent yet: a field sends what stands in it when it is left, and a form when its button is pressed. Until then
// the browser keeps it for this tab, and puts it back where a reload or the way back has taken it. A cell of the table takes what is typed
// in it when it is left, as cells of other tables do.

const WIDGET = '[data-testid="stTextInput"], [data-testid="stTextArea"], [data-testid="stNumberInput"], [data-testid="stMultiSelect"]';
const CELL = '[class*="st-key-builder_r"] [role="combobox"]', OPTION = '[data-testid="stMultiSelectDropdown"] [role="option"]';
const FORM = '[data-testid="stForm"]', KEPT = 'stratloop_typed', SECRET = /^st-key-(settings|access)_/;
const typing = new Map();  // the field that each kept text stands in, while it does
const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}');  // by address and field
let putting = false;

export default function () {
  if (window.stratloopTyped) return;
  window.stratloopTyped = true;
  window.addEventListener('input', event => keep(event.target), true);
  window.addEventListener('keydown', onKey, true);
  window.addEventListener('focusout', event => { if (event.isTrusted) leave(event.target, event.relatedTarget); }, true);  // a list makes some
  window.addEventListener('click', onClick, true);
  new MutationObserver(putBack).observe(document.body, {childList: true, subtree: true, attributeFilter: ['open', 'aria-expanded', 'disabled']});
  putBack();
}

function findKey(field) {
  if (!field?.closest?.(WIDGET) || field.type === 'password') return null;
  const key = [...(field.closest('[class*="st-key-"]')?.classList ?? [])].find(name => name.startsWith('st-key-'));
  return key && !SECRET.test(key) ? key : null;
}

function write(key, text) {
  const here = kept[location.pathname] ??= {};
  if (text === null) { delete here[key]; typing.delete(key); } else here[key] = text;
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
}

function keep(field) {
  const key = findKey(field);
  if (!key || putting) return;
  typing.set(key, field);
  write(key, field.value || !isList(field) ? field.value : null);
}

const isList = field => field.getAttribute('role') === 'combobox';

function onKey(event) {
  const field = event.target, key = findKey(field);
  if (!key) return;
  if (event.key === 'Tab') take(field);
  if (event.key !== 'Enter' && event.key !== 'Escape') return;
  const sends = field.tagName !== 'TEXTAREA' || event.ctrlKey || event.metaKey;
  setTimeout(() => { if (isList(field) ? !field.value : sends && event.key === 'Enter') write(key, null); });
}

function leave(field, next) {
  const key = findKey(field);
  if (!key || !field.isConnected || field.disabled) return;
  if (!field.closest(WIDGET).contains(next)) take(field);
  if (!field.closest(FORM)) write(key, null);
}

function take(field) {  // by its own choice in the list: the text itself, where it says no word that is known
  const text = field.matches(CELL) ? field.value.trim() : '';
  if (text) [...document.querySelectorAll(OPTION)].find(one => [text, `Add: ${field.value}`].includes(one.textContent))?.click();
}

function onClick(event) {
  const form = event.target.closest?.('button')?.closest(FORM);
  if (form) for (const [key, field] of [...typing]) if (form.contains(field)) write(key, null);
}

function putBack() {
  for (const [key, text] of Object.entries(kept[location.pathname] ?? {})) {
    const field = document.querySelector(`.${CSS.escape(key)}`)?.querySelector('input, textarea');
    if (field?.disabled) typing.delete(key);  // the server is lost: what the field has sent since has not arrived
    if (!field?.checkVisibility() || field.disabled || typing.get(key) === field) continue;
    typing.set(key, field);
    const before = document.activeElement;
    field.focus({preventScroll: true});
    putting = true;
    for (const step of ['', text]) {
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, step);
      field.dispatchEvent(new Event('input', {bubbles: true}));
    }
    putting = false;
    if (before !== field && before?.matches('input, textarea')) before.focus({preventScroll: true});
  }
}
