// What can go wrong, the clock, the storm, and the figures.
import { el } from './dom.js';
import { post } from './api.js';
import { seconds, time, weekday } from './text.js';

const relay = [
  ['fine', 'работает', 'Почтовый сервер принимает письма'],
  ['down', 'недоступна', 'Порт почтового сервера закрыт'],
  ['refuses', 'отказ', 'Сервер отвечает 550: письмо не принято навсегда'],
  ['drops', 'обрыв', 'Сервер принимает письмо и рвёт связь после точки, не ответив'],
];

const gauges = [
  ['waiting', 'ждут обработки', (p) => sum(p.pending, p.gauges.waiting), 'Сообщения людей, которые бот ещё не обработал'],
  ['outbox', 'исходящие', (p) => sum(p.gauges.messages, p.gauges.letters), 'Сообщения и письма, которые ждут отправки'],
  ['drafts', 'черновики', (p) => p.gauges.drafts, 'Незаконченные обращения в Redis'],
  ['incidents', 'обращения', (p) => p.gauges.incidents, 'Зарегистрировано обращений'],
  ['letters', 'письма', (p) => p.letters, 'Писем доставлено в оба ящика'],
  ['flooded', 'отказы 429', (p) => p.flooded, 'Столько раз Telegram отказал из-за лимитов'],
];

const sum = (a, b) => (b === null ? null : a + b);

export class Weather {
  constructor(root, figures) {
    this.weather = {};
    this.ahead = 0;
    this.switches = [
      this.toggle('telegramDown', 'Нет Telegram', 'Telegram недоступен: все соединения рвутся'),
      this.toggle('limits', 'Лимиты Telegram', 'Сверх 30 сообщений в секунду и 20 в минуту в группе — отказ 429'),
      this.toggle('redisDown', 'Нет Redis', 'Redis недоступен: хранилище черновиков закрыто'),
    ];
    this.relay = relay.map(([value, label, title]) => {
      const input = el('input', { type: 'radio', name: 'relay', value, onchange: () => this.set({ mail: value }) });
      return { value, input, node: el('label.choice', { title }, input, el('span', {}, label)) };
    });
    this.retry = el('small.retry', { hidden: true });
    this.clerks = el('select', { 'aria-label': 'Сколько обращений' }, [10, 50, 200].map((n) => el('option', { value: n, selected: n === 50 }, n)));
    this.go = el('button.button', { title: 'Столько людей обращаются одновременно', onclick: () => this.startStorm() }, 'Шторм');
    this.bar = el('progress', { max: 1, value: 0, 'aria-label': 'Ход шторма' });
    this.progress = el('span.progress', { hidden: true }, this.bar, el('small'));
    const forward = [['30m', '+30 мин'], ['4h', '+4 ч'], ['morning', 'до утра']].map(([value, label]) =>
      el('button.button', { onclick: () => post('/api/clock', { forward: value }) }, label));
    this.tiles = el('dl.gauges.tiles', { 'aria-label': 'Счётчики' });
    this.error = el('p.last-error', { hidden: true });
    this.news = el('div.news', { hidden: true }, this.progress, this.retry, this.error);
    root.replaceChildren(
      el('div.weather-part', {}, this.switches.map((s) => s.node)),
      el('fieldset.weather-part', {}, el('legend', {}, 'Почта'), el('div.choices', {}, this.relay.map((r) => r.node))),
      el('div.weather-part', { role: 'group', 'aria-label': 'Часы вперёд' }, el('span.caption', {}, 'Часы'), ...forward),
      el('div.weather-part', { role: 'group', 'aria-label': 'Шторм обращений' }, this.clerks, this.go),
      this.news, this.tiles);
    this.figures = [figures, this.tiles].map((list) => this.gaugesIn(list));
  }

  toggle(name, label, title) {
    const input = el('input', { type: 'checkbox', role: 'switch', name, onchange: () => this.set({ [name]: input.checked }) });
    return { name, input, node: el('label.switch', { title }, input, el('i', { 'aria-hidden': 'true' }), el('span', {}, label)) };
  }

  gaugesIn(list) {
    return gauges.map(([key, label, read, title]) => {
      const value = el('dd', {}, '—');
      list.append(el('div.gauge', { title, 'data-gauge': key }, el('dt', {}, label), value));
      return { value, read };
    });
  }

  async set(change) {
    const weather = await post('/api/weather', change);
    this.show(weather ?? this.weather);
  }

  show(weather) {
    this.weather = weather;
    for (const s of this.switches) s.input.checked = Boolean(weather[s.name]);
    for (const r of this.relay) r.input.checked = r.value === weather.mail;
  }

  startStorm() { post('/api/storm', { clerks: Number(this.clerks.value) }); }

  pulse(p) {
    this.ahead = p.ahead;
    this.show(p.weather);
    for (const figure of this.figures.flat()) {
      const value = String(figure.read(p) ?? '—');
      if (figure.value.textContent !== value) {
        figure.value.textContent = value;
        figure.value.animate?.([{ opacity: 0.35 }, { opacity: 1 }], 350);
      }
    }
    this.retry.hidden = !(p.gauges.letters && p.gauges.nextLetterAt);
    this.retry.textContent = this.retry.hidden ? '' : `Писем в очереди: ${p.gauges.letters}, следующая попытка в ${seconds(p.gauges.nextLetterAt)}`;
    const last = p.gauges.lastError;
    this.error.hidden = !last;
    this.error.replaceChildren(...(last ? [el('b', {}, `Последняя ошибка, ${time(last.at)}`), el('span', { title: last.text }, last.text)] : []));
    this.storm(p.storm);
    this.news.hidden = this.retry.hidden && this.error.hidden && this.progress.hidden;
  }

  storm(s) {
    this.go.disabled = s.running;
    this.progress.hidden = !s.clerks;
    this.bar.max = s.clerks || 1;
    this.bar.value = s.running ? s.way : s.clerks;
    const failed = s.failed ? `, не вышло ${s.failed}` : '';
    this.progress.lastChild.textContent = `Шторм: зарегистрировано ${s.done} из ${s.clerks}${failed}`;
  }

  /** Draws the demo's clock. */
  tick(node) {
    const now = Date.now() + this.ahead;
    node.firstChild.textContent = time(now);
    node.lastChild.textContent = weekday(now);
    node.classList.toggle('ahead', Math.abs(this.ahead) > 1000);
  }
}
