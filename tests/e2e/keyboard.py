"""A walk over a screen with the Tab key alone: what cannot be reached, and where nothing shows that the focus is there."""

from playwright.sync_api import Page

MOST_STEPS = 260
"""Steps after which a screen has more stops than anybody walks over."""
MOST_WALKS = 3

PREPARE = """() => {
  const still = document.createElement('style');
  still.textContent = '*, *::before, *::after { transition: none !important; animation: none !important; }';
  const inner = at => at?.shadowRoot?.activeElement ? inner(at.shadowRoot.activeElement) : at;
  const deepest = () => inner(document.activeElement);
  const within = root => [...root.querySelectorAll('*')].flatMap(one => one.shadowRoot ? [one, ...within(one.shadowRoot)] : [one]);
  const around = at => {
    const up = [at];
    while (up.length < 7 && up.at(-1).parentElement) up.push(up.at(-1).parentElement);
    const beside = at.parentElement ? [...at.parentElement.querySelectorAll('*')].slice(0, 8) : [];
    return [...up, ...beside];
  };
  const look = at => around(at).map(one => {
    const s = getComputedStyle(one);
    return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor, s.textDecorationLine, s.color];
  }).join('|');
  const name = at => {
    const text = at.getAttribute('aria-label') || at.innerText || at.title || at.placeholder || at.className || '';
    return `${at.tagName.toLowerCase()} ${String(text).trim().slice(0, 50)}`;
  };
  const stops = 'a[href], button, input, select, textarea, summary, [tabindex]';
  const hidden = '[inert], [aria-hidden="true"], [data-testid="stDataFrame"]';
  const reachable = at => at.matches(stops) && at.tabIndex >= 0 && !at.disabled && at.type !== 'hidden' && !at.closest(hidden)
    && at.checkVisibility({visibilityProperty: true}) && at.getClientRects().length > 0 && !(at.type === 'radio' && !at.checked)
    && !(at.getAttribute('role') === 'radio' && at.getAttribute('aria-checked') !== 'true')
    && at.getBoundingClientRect().width > 1;
  within(document).filter(one => one.shadowRoot).forEach(one => one.shadowRoot.append(still.cloneNode(true)));
  document.head.append(still);
  window.walk = {seen: new Set(), unseen: [], before: null, again: 0};
  window.takeStop = () => {
    const walk = window.walk, at = deepest();
    const before = walk.before;
    if (before?.at.isConnected && look(before.at) === before.look) walk.unseen.push(before.at);
    walk.before = null;
    if (!at || at === document.body) return true;
    if (walk.seen.has(at)) return ++walk.again > 25;
    walk.again = 0;
    walk.seen.add(at);
    if (!['IFRAME', 'CANVAS', 'TABLE'].includes(at.tagName) && !at.closest(hidden)) walk.before = {at, look: look(at)};
    return false;
  };
  const until = async holds => {
    for (let left = 15; left && !holds(); left--) await new Promise(done => setTimeout(done, 20));
    return holds();
  };
  window.listUnseen = async () => {
    const found = [];
    for (const at of window.walk.unseen.filter(one => one.isConnected)) {
      const rest = look(at);
      at.focus();
      if (!await until(() => look(at) !== rest)) found.push(name(at));
      at.blur();
      await until(() => look(at) === rest);
    }
    return found;
  };
  window.listMissed = () => within(document).filter(one => reachable(one) && !window.walk.seen.has(one)).map(name);
  const start = Object.assign(document.createElement('span'), {tabIndex: 0});
  document.body.prepend(start);
  start.focus();
  start.onblur = () => start.remove();
}"""

STEP = "() => window.takeStop() ? 'end' : document.activeElement.matches('iframe') ? 'frame' : 'on'"


def find_keyboard_faults(page: Page) -> list[str]:
    """Walk over a screen from its first stop to its last; gives what was not reached, and the stops that do not show their focus.

    A part of a screen that is drawn late takes the stop away on which the walk is, so that a fault counts if every walk finds one.
    """
    found: list[str] = []
    for _ in range(MOST_WALKS):
        if not (found := _walk(page)):
            break
        page.wait_for_timeout(1000)
    return found


def _walk(page: Page) -> list[str]:
    page.evaluate(PREPARE)
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        at = page.evaluate(STEP)
        if at == "end":
            break
        if at == "frame":
            page.keyboard.press("Escape")  # out of the editor, where Tab indents
    else:
        return [f"more than {MOST_STEPS} stops"]
    missed: list[str] = page.evaluate("listMissed()")
    unseen: list[str] = page.evaluate("listUnseen()")  # a screen that draws its focus a moment later shows it as well
    return [f"not reached: {one}" for one in missed] + [f"focus not seen: {one}" for one in unseen]


def open_menu(page: Page, button: str) -> None:
    """Open a menu that folds out with the Enter key, by the selector of its button, and wait until the focus lies in it."""
    page.locator(button).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("""() => document.activeElement.closest('[data-testid="stPopoverBody"]')""")
