// The mailboxes, and an opened letter.
import { arrows, el, icon, select, soon } from './dom.js';
import { get, notice } from './api.js';
import { moment, size } from './text.js';

export class Mail {
  constructor(root, boxes, onSeen) {
    this.root = root;
    this.boxes = boxes;
    this.onSeen = onSeen;
    this.letters = [];
    this.read = new Set();
    this.box = boxes[0];
    this.refresh = soon(() => this.load());
    this.list = el('ul.letters', { 'aria-label': 'Письма' });
    this.letter = el('div.letter');
    this.tabs = el('div.boxes', { role: 'tablist', 'aria-label': 'Почтовый ящик' });
    for (const box of boxes) {
      box.badge = el('span.count', { hidden: true });
      box.tab = el('button.box', { role: 'tab', onclick: () => this.choose(box) },
        icon('mail'), el('span', {}, el('b', {}, box.title), el('small', {}, box.address)), box.badge);
      this.tabs.append(box.tab);
    }
    arrows(this.tabs);
    root.replaceChildren(this.tabs, this.list, this.letter);
    this.choose(this.box);
  }

  async load() {
    try {
      this.update(await get('/api/letters'));
    } catch {
      notice('Список писем не читается.');
    }
  }

  update(letters) {
    this.letters = letters;
    this.draw();
  }

  of(box) { return this.letters.filter((l) => l.to.includes(box.address)); }

  unreadIn(box) { return this.of(box).filter((l) => !this.read.has(l.id)).length; }

  get unread() { return this.boxes.reduce((sum, box) => sum + this.unreadIn(box), 0); }

  choose(box) {
    this.box = box;
    select(this.boxes.map((b) => b.tab), box.tab);
    this.open(null);
  }

  draw() {
    for (const box of this.boxes) {
      const n = this.unreadIn(box);
      box.badge.hidden = !n;
      box.badge.textContent = n;
    }
    const items = this.of(this.box).reverse().map((l) => el('li', {}, el('button.item', {
      'aria-current': String(l.id === this.opened),
      className: `item${this.read.has(l.id) ? '' : ' unread'}`,
      onclick: () => this.open(l.id),
    },
    el('span.subject', {}, l.subject),
    el('span.by', {}, l.from.replace(/\s*<.*>/, '').replace(/^"|"$/g, '')),
    l.files ? el('span.clip', { title: 'Есть вложения' }, icon('attach')) : null,
    l.again ? el('span.tag', { title: 'То же письмо пришло ещё раз: отправитель не узнал, что оно принято' }, 'повтор') : null,
    el('time', { dateTime: l.at }, moment(l.at)))));
    this.list.replaceChildren(...items);
    this.list.hidden = !items.length;
    if (!this.opened && this.opened !== 0) this.blank(items.length);
    this.onSeen();
  }

  blank(some) {
    this.letter.replaceChildren(el('div.empty', {},
      some ? null : icon('mail'),
      el('b', {}, some ? 'Выберите письмо' : 'Писем пока нет'),
      some ? null : el('span', {}, this.box === this.boxes[0]
        ? 'Сюда приходят эскалации: кнопка «Эскалировать в УИТ» под номером обращения.'
        : 'Сюда приходит копия каждого зарегистрированного обращения.')));
  }

  async open(id) {
    this.opened = id;
    if (id === null) {
      this.draw();
      return;
    }
    this.read.add(id);
    this.draw();
    try {
      const letter = await get(`/api/letters/${id}`);
      if (this.opened === id) this.show(letter);
    } catch (error) {
      notice(`Письмо не открылось: ${error.message}`);
    }
  }

  show(l) {
    const views = [
      l.hasHtml && ['Письмо', () => el('iframe', { src: `/api/letters/${l.id}/html`, sandbox: '', title: `Письмо: ${l.subject}` })],
      ['Текст', () => el('pre.plain', { tabIndex: 0 }, l.text)],
      ['Заголовки', () => el('dl.headers', { tabIndex: 0 }, l.headers.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]))],
    ].filter(Boolean);
    const pane = el('div.pane', { role: 'tabpanel' });
    const tabs = el('div.views', { role: 'tablist', 'aria-label': 'Вид письма' }, views.map(([name, make]) => el('button.view', { role: 'tab', onclick: (event) => {
      select(tabs.children, event.currentTarget);
      pane.replaceChildren(make());
    } }, name)));
    arrows(tabs);
    const files = l.attachments.map((f, k) => el('a.chip', { href: `/api/letters/${l.id}/attachments/${k}`, download: f.name },
      icon('attach'), f.name, el('small', {}, size(f.size))));
    this.letter.replaceChildren(
      el('header.letter-head', {}, el('h3', {}, l.subject), el('p', {}, `${l.from} → ${l.to.join(', ')} · ${moment(l.at)}`)),
      files.length ? el('div.files', {}, files) : '', tabs, pane);
    tabs.firstChild.click();
  }
}
