// What is known of a run, built up from its messages; and how values read. No drawing, no network.

const LONGEST_TEXT = 60000;   // signs of an answer that are kept on the page
const LOG_LINES = 200;

function freshState(data) {
  return {
    cursor: 0, offset: 0, caughtUp: false, status: data.status, reason: '', message: '',
    loops: data.loops, budget: data.budget,
    open: new Map(), done: new Map(), growing: new Map(), members: new Map(), waiting: null, texts: new Map(), shown: null, log: [], ended: null, trouble: '',
  };
}

// One message into the state. Gives what changed, so that only that is drawn again.
function take(state, m) {
  if (m.seq) { state.cursor = m.seq; state.trouble = ''; }
  const part = PARTS[m.kind];
  return part ? part(state, m) : '';
}

const PARTS = {
  hello(state, m) { state.offset = m.now - Date.now(); return ''; },
  beat(state, m) {
    if (state.trouble === (m.trouble || '')) return '';
    state.trouble = m.trouble || '';
    return 'all';
  },
  ready(state) { state.caughtUp = true; return 'all'; },
  end(state, m) { state.ended = m.status; state.status = m.status; return 'all'; },
  status(state, m) {
    if (m.status !== 'running') note(state, m, m.message ? `${capital(m.status)}: ${m.message}` : capital(m.status));
    if (m.status === 'running' && state.status !== 'running') note(state, m, 'Running');
    if (m.status !== 'running' && m.status !== 'queued') state.waiting = null;
    Object.assign(state, {status: m.status, reason: m.reason || '', message: m.message || ''});
    if (m.status !== 'running') { state.open.clear(); state.growing.clear(); state.members.clear(); }
    return 'all';
  },
  wait(state, m) {
    state.waiting = {until: m.at + 1000 * m.seconds, attempt: m.attempt, of: m.of};
    note(state, m, `No answer (${m.attempt} of ${m.of}): ${m.message} Asked again in ${seconds(1000 * m.seconds)}.`);
    return 'all';
  },
  stage(state, m) {
    state.waiting = null;
    if (m.stage === 'hold_out') { state.open.clear(); state.growing.clear(); state.holdOut = true; note(state, m, 'Looking at the hold-out, once'); return 'all'; }
    const before = state.open.get(m.number), goesOn = before && STAGES.indexOf(m.stage) > STAGES.indexOf(before.stage);
    if (!goesOn) { state.growing.delete(m.number); state.members.delete(m.number); }
    state.open.set(m.number, {...m, began: goesOn ? before.began : m.at});
    if (m.stage === 'generate') {
      write(state, m.number, '');
      note(state, m, `Iteration ${m.number}: ${describeAuthor(m)}`.trim());
    }
    return 'all';
  },
  text(state, m) {
    write(state, m.number, m.afresh ? '' : (state.texts.get(m.number) || '') + (m.text || ''));
    return 'text';
  },
  progress(state, m) {
    const whole = m.instruments?.length, curve = (!whole && state.growing.get(m.number)) || {bars: [], values: []};
    if (whole) state.members.set(m.number, m.instruments);
    state.growing.set(m.number, {done: m.done, total: m.total, bars: curve.bars.concat(m.bars), values: curve.values.concat(m.equity)});
    return 'all';
  },
  iteration(state, m) {
    state.growing.delete(m.number);
    state.members.delete(m.number);
    state.done.set(m.number, m);
    state.open.delete(m.number);
    note(state, m, `Iteration ${m.number}: ${m.outcome}`);
    return 'all';
  },
  log(state, m) { note(state, m, m.text); return 'log'; },
  error(state, m) { note(state, m, [m.message, m.hint].filter(Boolean).join(' ')); return 'log'; },
  steer(state, m) {
    if (m.wish === 'loops') state.loops = Number(m.text);
    if (m.wish === 'budget') state.budget = m.text ? Number(m.text) : null;
    note(state, m, `${WISHES[m.wish] || m.wish}${m.text ? `: ${m.text}` : ''}`);
    return 'all';
  },
};

// The text of an answer. The one on show stays until its loop is finished; side by side ones wait.
function write(state, number, text) {
  state.texts.set(number, text.slice(-LONGEST_TEXT));
  if (state.shown == null || !state.open.has(state.shown)) {
    for (const other of state.texts.keys()) if (other !== number && !state.open.has(other)) state.texts.delete(other);
    state.shown = number;
  }
}

const STAGES = ['generate', 'parse', 'gate', 'load', 'run', 'fill_audit', 'look_ahead', 'score', 'done'];
const MODES = {first: 'asking', improve: 'improving on the best with', repair: 'repairing with', explore: 'another idea from'};
const WISHES = {
  pause: 'Pause asked for', go_on: 'Going on', note: 'Note to the model', pin: 'Pinned', unpin: 'No longer pinned',
  budget: 'New budget in US dollars', loops: 'New number of loops',
};

// A model is asked; an agent outside submits what it likes.
function describeAuthor({mode, model}) {
  const agent = /^mcp\/(.*)/.exec(model || '');
  return agent ? `submitted by agent ${agent[1]}` : `${MODES[mode] || 'asking'} ${model || ''}`;
}

function note(state, m, text) {
  state.log.push({seq: m.seq, at: m.at, text: String(text || '')});
  if (state.log.length > LOG_LINES) state.log.shift();
}

function iterations(state) { return [...state.done.values()].sort((a, b) => a.number - b.number); }

// The iteration whose instruments are shown: the newest under way, else the newest that is finished; nothing where no instrument is done.
function basketOf(state) {
  const under = [...state.open.keys()].filter(number => state.open.get(number).stage !== 'generate').sort((a, b) => b - a)[0];
  if (under != null) return {number: under, running: true, rows: state.members.get(under) || []};
  const newest = iterations(state).filter(one => one.instruments).at(-1);
  return newest ? {number: newest.number, running: false, rows: newest.instruments} : null;
}

// The highest score; the earlier one on a tie.
function bestOf(all) {
  return all.reduce((best, one) => one.score != null && (best == null || one.score > best.score) ? one : best, null);
}

// The best version after each iteration that ran, so that the course of any figure of it ends at the number on show.
function traceBest(all) {
  const course = [];
  for (const one of all.filter(each => !each.failed)) {
    const before = course.at(-1);
    course.push(!before || (one.score != null && (before.score == null || one.score > before.score)) ? one : before);
  }
  return course;
}

function spent(all) {
  const unknown = all.some(one => one.usd == null);
  const usd = all.reduce((sum, one) => sum + (one.usd || 0), 0);
  const tokens = all.reduce((sum, one) => sum + one.tokens, 0);
  return {unknown, usd, tokens, free: all.every(one => one.free)};
}

const DASH = '—';
function minus(text) { return text.replace(/^-(?=[0.]+%?$)/, '').replace(/^-/, '−'); }
function ratio(value) { return value == null ? DASH : minus(value.toFixed(2)); }
function percent(value) {
  if (value == null) return DASH;
  return minus(`${(value * 100).toLocaleString('en-US', {minimumFractionDigits: 1, maximumFractionDigits: 1})}%`);
}
function dollars(usd) {
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  return usd >= 0.001 || usd === 0 ? `$${usd.toFixed(3)}` : `$${usd.toPrecision(2)}`;
}
function whole(value) { return value == null ? DASH : minus(Math.round(value).toLocaleString('en-US')); }
const FORMS = {ratio, percent, whole, money: whole};   // by the form that the table of figures gives each
function capital(text) { return text ? text[0].toUpperCase() + text.slice(1) : ''; }
function seconds(ms) {
  const s = Math.max(0, ms / 1000);
  if (s < 60) return `${s.toFixed(1)} s`;
  return s < 3600 ? `${Math.floor(s / 60)} min ${String(Math.floor(s % 60)).padStart(2, '0')} s`
    : `${Math.floor(s / 3600)} h ${String(Math.floor(s % 3600 / 60)).padStart(2, '0')} min`;
}
function scored(value, data) { return data.objective === 'total_return' ? percent(value) : ratio(value); }
