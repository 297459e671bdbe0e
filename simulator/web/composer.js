// What a person types, presses and attaches with, below a chat.
import { el, icon } from './dom.js';
import { notice, post } from './api.js';
import { gist } from './bubble.js';

const samples = [
  { label: 'Снимок координатора', path: '/coordinator.jpg', name: 'координатор.jpg', kind: 'photo', icon: 'picture' },
  { label: 'Журнал координатора, txt', path: '/coordinator.txt', name: 'журнал-координатора.txt', kind: 'document', icon: 'file' },
];

export class Composer {
  constructor(chat) {
    this.chat = chat;
    this.commands = [];
    this.about = null; // { m, editing }
    this.bar = el('div.about', { hidden: true });
    this.input = el('textarea', { rows: 1, placeholder: 'Сообщение', 'aria-label': 'Сообщение', enterKeyHint: 'send', autocomplete: 'off' });
    this.menu = el('div.popup', { hidden: true, role: 'menu' });
    this.keyboard = el('div.board', { hidden: true, role: 'group', 'aria-label': 'Клавиатура бота' });
    this.commandButton = el('button.icon-button.slash', { 'aria-label': 'Команды бота', title: 'Команды', 'aria-haspopup': 'menu', onclick: () => this.openCommands() }, '/');
    this.attachButton = el('button.icon-button', { 'aria-label': 'Прикрепить', title: 'Прикрепить', 'aria-haspopup': 'menu', onclick: () => this.openFiles() }, icon('attach'));
    this.sendButton = el('button.icon-button.send', { type: 'submit', 'aria-label': 'Отправить', title: 'Отправить (Enter)' }, icon('send'));
    this.start = el('button.start', { hidden: chat.names, onclick: () => this.say('/start') }, 'Начать');
    this.form = el('form.typing-row', { hidden: !chat.names, onsubmit: (event) => this.submit(event) },
      this.commandButton, this.attachButton, this.input, this.sendButton);
    this.node = el('div.composer', {}, this.menu, this.bar, this.start, this.form, this.keyboard);
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.input.addEventListener('input', () => this.grow());
    this.node.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.escape();
    });
    document.addEventListener('pointerdown', (event) => {
      if (!this.menu.hidden && !this.node.contains(event.target)) this.menu.hidden = true;
    });
  }

  path(what) { return `/api/people/${this.chat.speaker()}/${what}`; }

  /** The person has pressed Start: from now on there is something to type in. */
  begun() {
    this.start.hidden = true;
    this.form.hidden = false;
  }

  key(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  escape() {
    if (!this.menu.hidden) {
      this.menu.hidden = true;
      this.input.focus();
    } else {
      this.drop();
    }
  }

  grow() {
    this.input.style.height = 'auto';
    this.input.style.height = `${Math.min(this.input.scrollHeight, 140)}px`;
  }

  async submit(event) {
    event.preventDefault();
    const text = this.input.value;
    if (!text.trim()) return;
    const about = this.about;
    this.input.value = '';
    this.drop();
    this.grow();
    const done = about?.editing
      ? await post(this.path('edit'), { messageId: about.m.id, text })
      : await post(this.path('send'), { text, replyTo: about?.m.id ?? 0 });
    if (done === undefined && !this.input.value) this.input.value = text;
  }

  say(text) { return post(this.path('send'), { text, replyTo: 0 }); }

  quote(m) { this.set(m, false); }

  rewrite(m) {
    this.set(m, true);
    this.input.value = m.text;
    this.grow();
  }

  set(m, editing) {
    this.about = { m, editing };
    this.bar.replaceChildren(icon(editing ? 'edit' : 'reply'),
      el('span', {}, el('b', {}, editing ? 'Изменение' : m.from), el('span', {}, gist(m))),
      el('button.icon-button', { 'aria-label': 'Отказаться', onclick: () => this.drop() }, icon('close')));
    this.bar.hidden = false;
    this.begun();
    this.input.focus();
  }

  drop() {
    if (this.about?.editing) this.input.value = '';
    this.about = null;
    this.bar.hidden = true;
  }

  open(items) {
    const again = !this.menu.hidden && this.menu.childElementCount === items.length;
    this.menu.replaceChildren(...items);
    this.menu.hidden = again;
    if (!again) items[0]?.focus();
  }

  item(content, run) {
    return el('button.menu-item', { role: 'menuitem', onclick: () => {
      this.menu.hidden = true;
      run();
    } }, ...content);
  }

  openCommands() {
    if (!this.commands.length) {
      notice('Бот ещё не сообщил своих команд.');
      return;
    }
    this.open(this.commands.map((c) => this.item(
      [el('b', {}, `/${c.command}`), el('span', {}, c.description)], () => this.say(`/${c.command}`))));
  }

  openFiles() {
    const own = (kind, label, name, accept) => this.item([icon(name), label], () => {
      const picker = el('input', { type: 'file', accept, onchange: () => picker.files[0] && this.upload(kind, picker.files[0], picker.files[0].name) });
      picker.click();
    });
    this.open([
      ...samples.map((s) => this.item([icon(s.icon), s.label], async () => this.upload(s.kind, await (await fetch(s.path)).blob(), s.name))),
      own('photo', 'Фото с компьютера…', 'picture', 'image/*'),
      own('document', 'Файл с компьютера…', 'file', ''),
    ]);
  }

  /** Sends a file; what stands in the input becomes its caption. */
  async upload(kind, blob, name) {
    const query = new URLSearchParams({ kind, name, caption: this.input.value.trim(), replyTo: this.about?.m.id ?? 0 });
    this.input.value = '';
    this.drop();
    this.grow();
    await post(`${this.path('upload')}?${query}`, blob, { 'Content-Type': blob.type || 'application/octet-stream' });
  }

  setKeyboard(keyboard) {
    this.keyboard.hidden = !keyboard;
    this.input.placeholder = keyboard?.placeholder || 'Сообщение';
    const press = (row, column) => post(this.path('key'), { messageId: keyboard.messageId, row, column });
    this.keyboard.replaceChildren(...(keyboard?.rows ?? []).map((row, r) => el('div.keys-row', {},
      row.map((b, c) => el(`button.board-key${b.style ? `.${b.style}` : ''}`, { onclick: () => press(r, c) },
        b.requestContact ? icon('contact') : null, b.text)))));
  }
}
