// A chat: its messages, and below them what the person types with.
import { el, icon } from './dom.js';
import { alertOf, post } from './api.js';
import { bubble } from './bubble.js';
import { Composer } from './composer.js';
import { day } from './text.js';

/** How long a pressed button spins when no answer comes. */
const patience = 10_000;

export class Chat {
  /** names: several people speak here. speaker() is who speaks for the person at the page. */
  constructor({ label, names = false, speaker, empty }) {
    this.names = names;
    this.speaker = speaker;
    this.messages = new Map();
    this.nodes = new Map();
    this.spinning = new Map();
    this.missed = 0;
    this.log = el('div.log', { role: 'log', 'aria-label': label, tabIndex: 0 });
    this.typing = el('p.typing', { hidden: true }, el('i'), el('i'), el('i'), el('span', {}, 'печатает'));
    this.toasts = el('div.toasts', { role: 'status' });
    this.badge = el('span.count');
    this.newest = el('button.newest', { hidden: true, 'aria-label': 'К последнему сообщению', onclick: () => this.toEnd() }, icon('down'), this.badge);
    this.composer = new Composer(this);
    this.empty = el('div.empty', {}, ...empty);
    this.node = el('div.chat', {},
      el('div.viewport', {}, this.log, this.empty, this.typing, this.newest, this.toasts), this.composer.node);
    this.log.addEventListener('scroll', () => this.scrolled());
    new ResizeObserver(() => this.atEnd !== false && this.toEnd()).observe(this.log);
  }

  out(m) { return m.fromId === this.speaker(); }

  find(id) { return this.messages.get(id); }

  command = (text) => post(`/api/people/${this.speaker()}/send`, { text, replyTo: 0 });

  reply(m) { this.composer.quote(m); }

  edit(m) { this.composer.rewrite(m); }

  jump(id) {
    const node = this.nodes.get(id);
    if (!node) return;
    node.scrollIntoView({ block: 'center', behavior: 'smooth' });
    node.classList.add('flash');
    setTimeout(() => node.classList.remove('flash'), 1200);
  }

  async press(m, row, column, node) {
    this.spin(m.id, node);
    const answer = await post(`/api/people/${this.speaker()}/press`, { messageId: m.id, row, column });
    if (answer === undefined) this.rest(m.id);
  }

  /** A button spins until the bot has answered the press. */
  spin(id, node) {
    this.rest(id);
    node.classList.add('busy');
    node.setAttribute('aria-busy', 'true');
    this.spinning.set(id, { node, timer: setTimeout(() => this.rest(id), patience) });
  }

  rest(id) {
    const pressed = this.spinning.get(id);
    if (!pressed) return;
    clearTimeout(pressed.timer);
    pressed.node.classList.remove('busy');
    pressed.node.removeAttribute('aria-busy');
    this.spinning.delete(id);
  }

  toast(toast, visible) {
    this.rest(toast.messageId);
    if (!toast.text || !visible) return;
    if (toast.alert) {
      alertOf(toast.text);
      return;
    }
    const node = el('p.notice', {}, toast.text);
    this.toasts.append(node);
    setTimeout(() => node.remove(), 3500);
  }

  /** All messages anew, as after a lost connection. */
  setMessages(list) {
    const kept = new Set(list.map((m) => m.id));
    for (const id of [...this.messages.keys()]) if (!kept.has(id)) this.remove(id);
    for (const m of list) this.show(m);
    this.redraw();
    this.toEnd();
  }

  /** Draws everything again: who speaks has changed, or the day. */
  redraw() {
    const stay = this.atEnd !== false;
    for (const m of this.messages.values()) this.draw(m);
    if (stay) this.toEnd();
  }

  show(m) {
    const fresh = !this.messages.has(m.id);
    this.messages.set(m.id, m);
    this.empty.hidden = true;
    this.composer.begun();
    if (fresh && m.fromBot) this.setTyping(false);
    const stay = this.atEnd !== false || (fresh && this.out(m));
    this.draw(m);
    if (stay) this.toEnd();
    else if (fresh) this.missedOne();
    return fresh;
  }

  draw(m) {
    this.rest(m.id);
    const node = bubble(m, this);
    const former = this.nodes.get(m.id);
    this.nodes.set(m.id, node);
    if (former) {
      former.replaceWith(node);
    } else {
      const next = [...this.messages.keys()].filter((id) => id > m.id && this.nodes.has(id)).sort((a, b) => a - b)[0];
      this.log.insertBefore(node, next === undefined ? null : this.nodes.get(next));
      node.classList.add('fresh');
    }
    this.dress(node);
  }

  /** Who speaks twice needs no second name; a new day gets its line. */
  dress(node) {
    for (const one of [node, node.nextElementSibling]) {
      if (!one?.dataset.id) continue;
      const m = this.messages.get(Number(one.dataset.id));
      while (one.previousElementSibling?.matches('.day')) one.previousElementSibling.remove();
      const before = this.messages.get(Number(one.previousElementSibling?.dataset.id));
      one.classList.toggle('next', Boolean(before) && before.fromId === m.fromId && !before.service);
      if (!before || day(before.date) !== day(m.date)) {
        one.before(el('p.service.day', {}, el('span', {}, day(m.date))));
        one.classList.remove('next');
      }
    }
  }

  remove(id) {
    const node = this.nodes.get(id);
    const next = node?.nextElementSibling;
    node?.remove();
    this.nodes.delete(id);
    this.messages.delete(id);
    if (next?.dataset?.id) this.dress(next);
  }

  setTyping(on) {
    this.typing.hidden = !on;
    clearTimeout(this.typingTimer);
    if (on) this.typingTimer = setTimeout(() => this.setTyping(false), 5000);
  }

  setKeyboard(keyboard) {
    this.composer.setKeyboard(keyboard);
    if (this.atEnd !== false) this.toEnd();
  }

  setCommands(commands) { this.composer.commands = commands ?? []; }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.atEnd = true;
    this.missed = 0;
    this.newest.hidden = true;
  }

  missedOne() {
    this.missed++;
    this.badge.textContent = this.missed;
    this.newest.hidden = false;
  }

  scrolled() {
    if (!this.log.clientHeight) return;
    this.atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 48;
    if (this.atEnd) this.missed = 0;
    this.badge.textContent = this.missed || '';
    this.newest.hidden = this.atEnd;
  }
}
