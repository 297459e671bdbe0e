// The support group, and who of the staff speaks.
import { arrows, avatar, el, icon, select } from './dom.js';
import { Chat } from './chat.js';

export class Group {
  constructor(root, view) {
    this.root = root;
    this.id = view.id;
    this.current = view.staff[0].id;
    this.chat = new Chat({
      label: 'Группа техподдержки',
      names: true,
      speaker: () => this.current,
      empty: [el('b', {}, 'Обращений ещё нет'), el('span', {}, 'Карточка появится здесь, как только обращение зарегистрируют.')],
    });
    this.list = el('div.speakers', { role: 'tablist', 'aria-label': 'От чьего имени писать и нажимать' });
    for (const person of view.staff) {
      this.list.append(el('button.speaker', { role: 'tab', 'data-person': person.id, onclick: () => this.choose(person.id) },
        avatar(person.name, person.id), person.name.split(' ')[0]));
    }
    arrows(this.list);
    this.chat.composer.node.prepend(el('div.speakers-row', {}, el('span', {}, 'От имени'), this.list));
    root.replaceChildren(
      el('div.chat-head', {}, el('span.avatar', { 'data-hue': '4' }, icon('group')),
        el('div', {}, el('b', {}, view.title), el('small', {}, `${view.staff.length} сотрудника и бот`))),
      this.chat.node);
    this.choose(this.current);
    this.update(view);
  }

  update(view) {
    this.id = view.id;
    this.chat.setCommands(view.commands);
    this.chat.setMessages(view.messages ?? []);
  }

  choose(id) {
    this.current = id;
    select(this.list.children, this.list.querySelector(`[data-person="${id}"]`));
    this.chat.redraw();
  }

  get visible() { return this.root.offsetParent !== null; }
}
