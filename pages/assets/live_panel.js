// The live view of a run: one socket, one state, and the elements that show it. Foreign text becomes text nodes only.

const CONNECT_MS = 3000;      // without a socket for this long the page is told, and refreshes itself instead
const SILENCE_MS = 25000;     // the server speaks every ten seconds; after this the line is dead
const RETRY_MS = [250, 500, 1000, 2000, 4000, 8000];
const STEPS = [['Write', ['generate']], ['Check', ['parse', 'gate', 'load']], ['Backtest', ['run']],
  ['Verify', ['fill_audit', 'look_ahead']], ['Score', ['score', 'done']]];
const LINES = {live: 'Live', polling: 'Refreshing every second', over: ''};
const ROWS = 60;
const OTHERS = 8;
const ROOM_ROWS = 11, ROW_HEIGHT = 35, HEAD_HEIGHT = 36;   // the table has room for the first iterations before they come
const OPEN_HEIGHT = 42;       // of one iteration under way
const LOCK_MS = 15000;        // for so long the page keeps its height while the result takes the place of the live view
const instances = new WeakMap();

export default function ({data, parentElement, setStateValue, setTriggerValue}) {
  let live = instances.get(parentElement);
  if (live && live.data.run !== data.run) { live.close(); live = null; }
  if (!live) { live = new Live(parentElement, data); instances.set(parentElement, live); }
  live.update(data, setStateValue, setTriggerValue);
  return () => { instances.get(parentElement)?.close(); instances.delete(parentElement); };
}

class Live {
  constructor(root, data) {
    this.data = data;
    this.state = freshState(data);
    this.find = name => root.querySelector(`[data-part="${name}"]`);
    this.all = this.find('live');
    this.tries = 0;
    this.polling = data.polling;
    this.drawn = {log: 0, text: '', shown: null};
    this.closed = false;
    for (const part of ['log', 'answer', 'rows', 'open']) this.find(part).replaceChildren();  // what another run left here
    this.find('answers').hidden = true;
    this.sized = new ResizeObserver(() => this.later());
    this.sized.observe(this.all);
    this.clock = setInterval(() => this.tick(), 100);
    this.patience = setTimeout(() => this.tell(true), CONNECT_MS);
    const chart = this.find('equity');
    chart.onpointermove = event => this.point(event);
    chart.onpointerleave = () => this.point(null);
    this.connect();
  }

  update(data, setState, setTrigger) {
    Object.assign(this, {data, setState, setTrigger});
    if (this.told === data.status) this.told = null;
    this.later();
    this.report();
  }

  close() {
    this.closed = true;
    clearInterval(this.clock);
    clearTimeout(this.patience);
    clearTimeout(this.retry);
    this.sized.disconnect();
    this.socket?.close();
  }

  // -- the line ---------------------------------------------------------------------------------------------------------

  connect() {
    const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
    const query = `?token=${encodeURIComponent(this.data.token)}&after=${this.state.cursor}`;
    const socket = this.socket = new WebSocket(scheme + location.host + this.data.path + query);
    this.heard = Date.now();
    socket.onmessage = event => { if (socket === this.socket) this.hear(JSON.parse(event.data)); };
    socket.onclose = () => { if (socket === this.socket) this.lost(); };
  }

  lost() {
    this.socket = null;
    if (this.closed || this.state.ended) return;
    this.state.caughtUp = false;
    const pause = RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)];
    this.retry = setTimeout(() => this.connect(), pause * (0.75 + Math.random() / 2));
    this.patience ||= setTimeout(() => this.tell(true), CONNECT_MS);
    this.later();
  }

  hear(messages) {
    this.heard = Date.now();
    clearTimeout(this.patience);
    this.patience = null;
    this.tries = 0;
    this.tell(false);
    for (const message of messages) {
      if (message.seq && message.seq <= this.state.cursor) continue;
      const changed = take(this.state, message);
      if (changed === 'all') this.later();
    }
    this.writeLog();
    this.writeAnswer();
    this.report();
  }

  // Whether the page has to refresh itself because no socket gets through.
  tell(polling) {
    if (polling) this.patience = null;
    if (this.polling === polling) return;
    this.polling = polling;
    this.setState('polling', polling);
    this.later();
  }

  // The page draws what it alone knows (buttons, the finished run) once the status is another one than it was told.
  report() {
    const {status, caughtUp, ended} = this.state;
    if (!(caughtUp || ended) || status === this.data.status || status === this.told) return;
    this.told = status;
    if (ended) this.keepHeight();
    this.setTrigger('changed', status);
  }

  // While one view gives way to the other the page must not become shorter, or whoever scrolled would lose the place.
  keepHeight() {
    const room = this.all.getRootNode().host?.closest('.st-key-driving_room, [data-testid="stMainBlockContainer"]');
    if (!room) return;
    room.style.minHeight = `${room.offsetHeight}px`;
    setTimeout(() => { room.style.minHeight = ''; }, LOCK_MS);
  }

  // -- drawing ----------------------------------------------------------------------------------------------------------

  later() {
    if (this.planned || this.closed) return;
    this.planned = true;
    requestAnimationFrame(() => { this.planned = false; if (!this.closed) this.draw(); });
  }

  tick() {
    const now = Date.now() + this.state.offset;
    this.countDown(now);
    for (const place of this.all.querySelectorAll('[data-since]')) place.textContent = seconds(now - Number(place.dataset.since));
    if (this.socket && this.socket.readyState === WebSocket.OPEN && Date.now() - this.heard > SILENCE_MS) this.socket.close();
  }

  // The time left until a provider that gave no answer is asked again.
  countDown(now) {
    const {waiting, status, loops} = this.state;
    if (!waiting || this.state.ended || status === 'paused') return;
    const left = Math.max(0, Math.ceil((waiting.until - now) / 1000)), all = iterations(this.state);
    const text = `${this.data.turn} ${all.length ? all.at(-1).loop : 0} of ${loops} · no answer from the provider, asked again in ${left} s (${waiting.attempt} of ${waiting.of})`;
    put(this.find('where'), text);
  }

  draw() {
    const all = iterations(this.state), best = bestOf(all);
    this.all.dataset.status = this.state.status;
    this.all.dataset.polling = String(Boolean(this.polling));
    put(this.find('objective'), this.data.label);
    this.drawState(all);
    this.drawCards(all, best);
    this.drawCurves(all, best);
    this.drawScores(all);
    this.drawOpen();
    this.drawBasket();
    this.drawTable(all, best);
    this.tick();
  }

  drawState(all) {
    const {state} = this, done = all.length ? all.at(-1).loop : 0, line = this.socket?.readyState === WebSocket.OPEN && this.heard;
    const loop = `${this.data.turn} ${done} of ${state.loops}`;
    const where = {queued: 'Starts as soon as a worker is free', paused: `${loop} · paused`, running: state.holdOut ? `${loop} · looking at the hold-out` : loop};
    put(this.find('where'), state.ended ? 'Drawing the result' : where[state.status] || loop);
    const connection = this.find('connection');
    connection.dataset.line = state.ended ? 'over' : line ? 'live' : this.polling ? 'polling' : 'lost';
    put(connection, LINES[connection.dataset.line] || (state.cursor ? 'Reconnecting' : 'Connecting'));
  }

  drawCards(all, best) {
    const course = traceBest(all), newest = all.at(-1);
    const baseline = all.find(one => one.number === 0 && one.baseline && !one.failed);
    const shown = best || baseline;
    const against = best && baseline && best.number !== 0 ? baseline : null;
    const {own_card: own, figures} = this.data, main = own ? 'score' : this.data.objective;
    const kinds = this.data.cards.map(name => figures.find(figure => figure.name === name));
    const score = {name: 'score', form: 'ratio', label: this.data.label, best: this.data.best};
    this.find('score').hidden = !own;
    for (const {name, form: kind, label, best: lead} of own ? [score, ...kinds] : kinds) {
      const form = FORMS[kind], unit = kind === 'percent' ? ' pp' : '';
      const card = this.find(name), value = shown ? shown[name] : null;
      put(card.querySelector('.value'), shown ? form(value) : DASH);
      const gap = against && value != null && against[name] != null ? (value - against[name]) * (unit ? 100 : 1) : null;
      const delta = card.querySelector('.delta');
      delta.dataset.sign = gap == null || Math.abs(gap) < 0.005 ? 'none' : gap > 0 ? 'up' : 'down';
      put(delta, gap == null ? '' : `${gap > 0 ? '+' : ''}${minus(gap.toFixed(unit ? 1 : 2))}${unit} vs. iteration 0`);
      put(card.querySelector('.newest'), newest ? `Newest, iteration ${newest.number}: ${newest.failed ? newest.verdict : form(newest[name])}` : 'No iteration yet');
      card.querySelector('.trend').replaceChildren(spark(course.map(one => one[name]), `${label} of the best version, iteration by iteration`));
      put(card.querySelector('.name'), name === main && best ? `Best ${lead}` : label);
      put(card.querySelector('.which'), name !== main ? '' : best ? ` · iteration ${best.number}` : all.length ? ' · iteration 0, no score' : '');
    }
    this.drawSpent(all);
  }

  drawSpent(all) {
    const card = this.find('spent'), sum = spent(all), {budget} = this.state;
    put(card.querySelector('.value'), !all.length ? DASH : sum.unknown ? 'Unknown' : sum.free ? 'Free' : dollars(sum.usd));
    const asked = all.filter(one => one.tokens > 0).length;
    const tokens = sum.tokens ? `${whole(sum.tokens)} tokens` : 'No tokens';
    put(card.querySelector('.newest'), asked && !sum.free && !sum.unknown ? `${tokens} · about ${dollars(sum.usd / asked)} an answer` : tokens);
    const bar = card.querySelector('.burn');
    bar.hidden = budget == null || sum.unknown;
    if (budget != null) {
      bar.firstElementChild.style.width = `${Math.min(100, sum.usd / budget * 100)}%`;
      put(card.querySelector('.delta'), sum.unknown ? '' : `of ${dollars(budget)}`);
    }
  }

  drawCurves(all, best) {
    const {data} = this, curves = [];
    const baseline = all.find(one => one.number === 0 && one.curve.length);
    const others = all.filter(one => one.curve.length && one !== baseline && one.number !== best?.number).slice(-OTHERS);
    if (best?.curve.length) curves.push({name: `Best: iteration ${best.number}`, values: best.curve, kind: 'best'});
    if (baseline && baseline !== best) curves.push({name: 'Iteration 0', values: baseline.curve, kind: 'baseline'});
    if (data.market.length) curves.push({name: 'Buy and hold', values: data.market, kind: 'market'});
    for (const one of others) curves.push({name: `Iteration ${one.number}`, values: one.curve, kind: 'other'});
    for (const [number, one] of this.state.growing) {
      const shares = one.bars.map(bar => bar / Math.max(1, one.total - 1));
      curves.push({name: `Iteration ${number}, running`, values: one.values, shares, kind: 'growing'});
    }
    this.curves = curves;
    const legend = curves.filter(one => one.kind !== 'other').map(one => [one.kind, one.name]);
    if (others.length) legend.push(['other', 'Other iterations']);
    this.find('legend').replaceChildren(...legend.map(([kind, name]) => node('span', {class: `key ${kind}`}, node('i'), name)));
    this.find('nocurve').hidden = this.state.growing.size > 0 || all.some(one => one.curve.length);
    this.chart = equityChart(this.find('equity'), curves, data.times, (share, times) => this.when(share, times));
  }

  when(share, times) {
    if (!times.length) return share ? `${Math.round(share * 100)}%` : 'first bar';
    const moment = new Date(times[Math.round(Math.min(1, Math.max(0, share)) * (times.length - 1))]);
    return moment.toISOString().slice(0, this.data.intraday ? 16 : 10).replace('T', ' ');
  }

  point(event) {
    const tip = this.find('tip'), chart = this.chart;
    const share = event && chart ? chart.share(event.clientX - this.find('equity').getBoundingClientRect().left) : -1;
    const shown = share >= 0 && share <= 1;
    tip.hidden = !shown;
    chart?.ruler.setAttribute('visibility', shown ? 'visible' : 'hidden');
    if (!shown) return;
    for (const end of ['x1', 'x2']) chart.ruler.setAttribute(end, chart.x(share));
    const rows = this.curves.filter(one => one.kind !== 'other')
      .map(one => node('div', {class: `key ${one.kind}`}, node('i'), `${one.name} `, node('b', {}, whole(valueAt(one, share)))));
    tip.replaceChildren(node('div', {}, this.when(share, this.data.times)), ...rows);
    tip.style.left = `${Math.min(chart.x(share) + 12, this.find('equity').clientWidth - tip.offsetWidth - 4)}px`;
  }

  drawScores(all) {
    const {data} = this, host = this.find('scores');
    host.parentElement.hidden = all.length < 2 || !all.some(one => one.score != null);
    scoreChart(host, all, this.state.loops * data.candidates, value => scored(value, data));
    put(this.find('luck'), all.at(-1)?.luck_words || '');
  }

  drawOpen() {
    const rows = [...this.state.open.values()].sort((a, b) => a.number - b.number).map(one => {
      const at = STEPS.findIndex(([, stages]) => stages.includes(one.stage));
      const steps = STEPS.map(([name], i) => node('li', {class: i < at ? 'past' : i === at ? 'now' : ''}, name));
      const run = one.stage === 'run' && this.state.growing.get(one.number), part = run ? ` ${Math.floor(run.done / run.total * 100)}%` : '';
      const text = `${this.data.stages[one.stage] || one.stage}${part}`;
      return node('div', {class: 'open'}, node('b', {}, `Iteration ${one.number}`), node('ol', {}, ...steps), node('span', {class: 'doing'}, text, ' ',
        node('time', {'data-since': one.began})));
    });
    const {trouble} = this.state, words = `Waiting, and going on by itself: ${trouble}`;
    if (trouble && !this.state.ended) rows.push(node('div', {class: 'open', role: 'status'}, node('span', {class: 'trouble'}, words)));
    const place = this.find('open'), waits = !rows.length && !this.state.ended && this.state.status === 'running';
    if (waits) rows.push(node('div', {class: 'open'}, node('span', {class: 'between'}, this.state.holdOut ? 'Looking at the hold-out' : this.data.between)));
    place.replaceChildren(...rows);
    this.most = Math.max(this.most || 1, rows.length);
    place.style.minHeight = `${this.most * OPEN_HEIGHT}px`;  // what is below stays where it is between two iterations
  }

  // A basket instrument by instrument: what each made as soon as the program is done there, all figures once the iteration is finished.
  drawBasket() {
    const {instruments, figures} = this.data, found = basketOf(this.state) || {rows: []};
    this.find('basket').hidden = !instruments.length;
    if (!instruments.length) return;
    const heads = [['', 'Instrument'], ['', 'Status'], ...figures.map(figure => [column(figure), figure.short])];
    if (!this.find('basket-heads').childElementCount) this.find('basket-heads').append(...heads.map(([kind, name]) => node('th', {class: kind}, name)));
    const done = new Map(found.rows.map(one => [one.symbol, one]));
    const which = found.number == null ? '' : `, iteration ${found.number}`, far = found.running ? `: ${done.size} of ${instruments.length} done` : '';
    put(this.find('basket-title'), `Instrument by instrument${which}${far}`);
    this.find('basket-rows').replaceChildren(...instruments.map(symbol => {
      const one = done.get(symbol), failed = one && one.total_return == null;
      const [word, tone] = !one ? ['waiting', 'plain'] : failed ? ['failed', 'bad'] : ['done', 'good'];
      return node('tr', {}, node('td', {}, symbol), node('td', {}, node('span', {class: `chip ${tone}`, title: one?.problem || ''}, word)),
        ...figures.map(figure => node('td', {class: column(figure)}, FORMS[figure.form](one?.[figure.name]))));
    }));
  }

  drawTable(all, best) {
    const rows = all.slice(-ROWS).reverse().map(one => {
      const isBest = best && one.number === best.number;
      const verdict = isBest && one.number !== 0 ? 'best' : one.verdict;
      const tone = isBest ? 'good' : one.failed ? 'bad' : 'plain';
      return node('tr', {class: isBest ? 'best' : ''}, node('td', {class: 'number'}, String(one.number)),
        node('td', {}, node('span', {class: `chip ${tone}`}, verdict)),
        ...this.data.figures.map(figure => node('td', {class: column(figure)}, FORMS[figure.form](one[figure.name]))),
        node('td', {class: 'number wide'}, cost(one)),
        node('td', {class: 'wide'}, spark(one.curve)), node('td', {class: 'change', title: one.change}, one.change));
    });
    const heads = [['number', 'No.'], ['', 'Status'], ...this.data.figures.map(figure => [column(figure), figure.short]),
      ['number wide', 'Cost'], ['wide', 'Equity'], ['change', 'Change']];
    if (!this.find('heads').childElementCount) this.find('heads').append(...heads.map(([kind, name]) => node('th', {class: kind}, name)));
    this.find('rows').replaceChildren(...rows);
    const planned = Math.min(this.state.loops * this.data.candidates + 1, ROOM_ROWS);
    this.find('table').style.minHeight = `${HEAD_HEIGHT + planned * ROW_HEIGHT}px`;
  }

  // Text and log grow line by line: what is there stays.
  writeAnswer() {
    const {shown, texts} = this.state, text = texts.get(shown) || '', place = this.find('answer'), before = this.drawn;
    if (text === before.text && shown === before.shown) return;
    const atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 40;
    if (shown === before.shown && text.startsWith(before.text)) place.append(text.slice(before.text.length));
    else place.textContent = text;
    Object.assign(before, {text, shown});
    put(this.find('author'), `The answer of iteration ${shown}`);
    this.find('answers').hidden = !text;
    if (atEnd) place.scrollTop = place.scrollHeight;
  }

  writeLog() {
    const place = this.find('log'), fresh = this.state.log.filter(line => line.seq > this.drawn.log);
    if (!fresh.length) return;
    const atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 40;
    place.append(...fresh.map(line => node('li', {'data-seq': line.seq}, node('time', {}, new Date(line.at).toLocaleTimeString('en-GB')), line.text)));
    while (place.childElementCount > LOG_LINES) place.firstElementChild.remove();
    this.drawn.log = fresh.at(-1).seq;
    if (atEnd) place.scrollTop = place.scrollHeight;
  }
}

// Figures that a narrow screen leaves out are counts.
function column(figure) { return figure.form === 'whole' ? 'number wide' : 'number'; }

function cost(one) { return one.usd == null ? 'unknown' : one.free ? 'free' : dollars(one.usd); }

function put(place, text) { if (place.textContent !== text) place.textContent = text; }

function node(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) if (value !== '') made.setAttribute(name, value);
  made.append(...children);
  return made;
}
