// The register of incidents, as it stands in the database.
import { el, icon, soon } from './dom.js';
import { get } from './api.js';
import { moment } from './text.js';

const columns = ['Номер', 'Принято', 'Организация', 'Заявитель', 'Состояние', 'Исполнитель', 'Письмо в УИТ'];

export class Register {
  constructor(root) {
    this.root = root;
    this.open = new Set();
    this.drawn = '';
    this.refresh = soon(() => this.load(), 350);
    this.body = el('tbody');
    this.total = el('span.total');
    this.note = el('p.note', { hidden: true });
    this.fold = el('button.icon-button.fold', { 'aria-expanded': 'false', 'aria-label': 'Развернуть или свернуть журнал', onclick: () => this.unfold(!this.root.classList.contains('tall')) }, icon('chevron'));
    root.replaceChildren(
      el('header.panel-head', {}, el('h2', {}, 'Журнал обращений'), this.total, this.fold),
      el('div.table', { tabIndex: 0, role: 'region', 'aria-label': 'Таблица обращений' },
        el('table', {}, el('thead', {}, el('tr', {}, columns.map((name) => el('th', { scope: 'col' }, name)))), this.body),
        this.note));
    this.load();
  }

  unfold(tall) {
    this.root.classList.toggle('tall', tall);
    this.fold.setAttribute('aria-expanded', String(tall));
  }

  opened(number) {
    this.open.add(number);
    this.unfold(true);
  }

  async load() {
    try {
      this.draw(await get('/api/register'));
      this.note.textContent = 'Здесь появятся зарегистрированные обращения: прямо из базы данных, с историей.';
    } catch (error) {
      this.note.textContent = error.message;
      this.note.hidden = false;
    }
  }

  draw(rows) {
    const state = JSON.stringify(rows);
    if (state === this.drawn) return;
    this.drawn = state;
    this.total.textContent = rows.length || '';
    this.note.hidden = rows.length > 0;
    this.body.replaceChildren(...rows.flatMap((row) => this.row(row)));
  }

  row(r) {
    const details = el('tr.details', { id: `incident-${r.number}`, hidden: !this.open.has(r.number) }, el('td', { colSpan: columns.length }, this.details(r)));
    const opener = el('button.number', { 'aria-expanded': String(!details.hidden), 'aria-controls': details.id }, icon('chevron'), r.number);
    const toggle = () => {
      details.hidden = !details.hidden;
      opener.setAttribute('aria-expanded', String(!details.hidden));
      if (details.hidden) this.open.delete(r.number);
      else this.opened(r.number);
    };
    const line = el('tr.incident', { onclick: toggle },
      el('td', {}, opener),
      el('td.when', {}, moment(r.registeredAt)),
      el('td.organisation', { title: r.organisation }, r.organisation),
      el('td.reporter', {}, r.reporter),
      el('td', {}, el('span.status', { 'data-status': r.status }, r.statusName)),
      el('td.assignee', {}, r.assignee || '—'),
      el('td.uit', {}, r.letter || '—'));
    return [line, details];
  }

  details(r) {
    return el('div.dossier', {},
      el('dl.fields', {}, r.fields.flatMap((f) => [el('dt', {}, f.label), el('dd', {}, f.value)])),
      el('ol.history', { 'aria-label': 'История' }, (r.history ?? []).map((e) => el('li', {},
        el('time', { dateTime: e.at }, moment(e.at)),
        el('div', {}, el('b', {}, e.what), el('small', {}, e.by), e.text ? el('p', {}, e.text) : null)))));
  }
}
