// The phones of the people who report.
import { arrows, avatar, el, icon, select } from './dom.js';
import { post } from './api.js';
import { Chat } from './chat.js';

export class Phones {
  /** onSeen is called when what is unread may have changed. */
  constructor(root, bot, onSeen) {
    this.bot = bot;
    this.onSeen = onSeen;
    this.phones = new Map();
    this.list = el('div.people', { role: 'tablist', 'aria-label': 'Чей телефон' });
    this.add = el('button.person.add', { title: 'Добавить телефон', 'aria-label': 'Добавить телефон', onclick: () => this.addOne() },
      el('span.avatar', {}, icon('plus')), el('span.name', {}, 'добавить'));
    this.screen = el('div.screen');
    arrows(this.list);
    root.replaceChildren(el('div.people-row', {}, this.list, this.add), this.screen);
  }

  update(views) {
    for (const view of views) {
      const phone = this.phones.get(view.id) ?? this.create(view);
      phone.chat.setCommands(view.commands);
      phone.chat.setMessages(view.messages ?? []);
      phone.chat.setKeyboard(view.keyboard);
      phone.chat.setTyping(view.typing);
    }
    if (!this.current && views.length) this.choose(views[0].id);
  }

  create(view) {
    const chat = new Chat({
      label: `Переписка: ${view.name} и бот`,
      speaker: () => view.id,
      empty: [el('b', {}, 'Здесь пока пусто'), el('span', {}, 'Нажмите «Начать», и бот поздоровается.')],
    });
    const badge = el('span.count', { hidden: true });
    const tab = el('button.person', { role: 'tab', id: `phone-${view.id}`, 'aria-controls': `screen-${view.id}`, onclick: () => this.choose(view.id) },
      avatar(view.name, view.id), el('span.name', {}, view.name.split(' ')[0]), badge);
    const device = el('div.device', { role: 'tabpanel', id: `screen-${view.id}`, 'aria-labelledby': tab.id, hidden: true },
      el('div.chat-head', {}, el('img.avatar', { src: '/icon.svg', alt: '' }),
        el('div', {}, el('b', {}, this.bot), el('small', {}, 'бот')),
        el('span.owner', {}, view.name)),
      chat.node);
    const phone = { id: view.id, chat, tab, badge, device, unread: 0 };
    this.phones.set(view.id, phone);
    this.list.append(tab);
    this.screen.append(device);
    select(this.list.children, this.current?.tab);
    return phone;
  }

  choose(id) {
    this.current = this.phones.get(id);
    for (const phone of this.phones.values()) phone.device.hidden = phone !== this.current;
    select(this.list.children, this.current.tab);
    this.current.tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.current.chat.toEnd();
    this.seen();
  }

  async addOne() {
    const view = await post('/api/people', {});
    if (!view) return;
    this.update([view]);
    this.choose(view.id);
  }

  get(id) { return this.phones.get(id); }

  visible(id) { return this.current?.id === id && this.screen.offsetParent !== null; }

  /** Counts a message that nobody looks at. */
  count(id) {
    const phone = this.phones.get(id);
    if (!phone || this.visible(id)) return;
    phone.unread++;
    this.mark(phone);
    this.onSeen();
  }

  seen() {
    if (!this.current || !this.visible(this.current.id)) return;
    this.current.unread = 0;
    this.mark(this.current);
    this.onSeen();
  }

  mark(phone) {
    phone.badge.hidden = !phone.unread;
    phone.badge.textContent = phone.unread;
    phone.badge.setAttribute('aria-label', `непрочитанных: ${phone.unread}`);
  }

  get unread() { return [...this.phones.values()].reduce((sum, phone) => sum + phone.unread, 0); }
}
