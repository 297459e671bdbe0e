// What frames the parts: tabs on a narrow screen, light and dark.
import { el, icon } from './dom.js';

const names = [
  ['phones', 'Телефоны', 'phone'], ['group', 'Группа', 'group'], ['mail', 'Почта', 'mail'],
  ['register', 'Журнал', 'list'], ['weather', 'Погода', 'cloud'],
];

export class Tabs {
  constructor(root, onChoose) {
    this.onChoose = onChoose;
    this.tabs = new Map();
    for (const [name, label, picture] of names) {
      const badge = el('span.count', { hidden: true });
      const button = el('button.tab', { 'data-name': name, onclick: () => this.choose(name) }, icon(picture), el('span', {}, label), badge);
      this.tabs.set(name, { button, badge });
      root.append(button);
    }
    this.choose(document.body.dataset.tab);
  }

  choose(name) {
    document.body.dataset.tab = name;
    for (const [other, { button }] of this.tabs) {
      if (other === name) button.setAttribute('aria-current', 'page');
      else button.removeAttribute('aria-current');
    }
    if (name === 'group') this.badge('group', 0);
    this.onChoose(name);
  }

  badge(name, count) {
    const { badge } = this.tabs.get(name);
    badge.hidden = !count;
    badge.textContent = count || '';
  }

  /** Something new is there that is not counted. */
  hint(name) {
    if (document.body.dataset.tab !== name) this.badge(name, '•');
  }
}

/** A button that switches between light and dark; the system's choice counts until then. */
export function themeButton(button) {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const draw = () => {
    button.replaceChildren(icon(isDark() ? 'sun' : 'moon'));
    button.setAttribute('aria-label', isDark() ? 'Светлое оформление' : 'Тёмное оформление');
  };
  const stored = localStorage.getItem('theme');
  if (stored === 'dark' || stored === 'light') document.documentElement.dataset.theme = stored;
  button.addEventListener('click', () => {
    document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
    localStorage.setItem('theme', document.documentElement.dataset.theme);
    draw();
  });
  system.addEventListener('change', draw);
  draw();
}
