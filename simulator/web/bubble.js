// One message as a bubble.
import { avatar, el, icon } from './dom.js';
import { copy } from './api.js';
import { rich, size, time } from './text.js';

const kinds = {
  video: 'Видео', voice: 'Голосовое сообщение', audio: 'Аудио', animation: 'Анимация',
  video_note: 'Видеосообщение', sticker: 'Стикер', document: 'Файл', photo: 'Фотография',
};

/** What a message says, in a line, for a quotation. */
export function gist(m) {
  const text = (m.text || m.caption || '').replace(/\s+/g, ' ').trim();
  if (text) return text;
  if (m.attachment) return m.attachment.name || kinds[m.attachment.kind] || 'Файл';
  return m.contact ? 'Контакт' : 'Сообщение';
}

const fileURL = (a) => `/api/files/${encodeURIComponent(a.fileId)}?name=${encodeURIComponent(a.name ?? a.kind)}`;

function attachment(a) {
  if (!a) return null;
  if (a.kind === 'photo') {
    const picture = el('img', { src: fileURL(a), alt: 'Фотография', loading: 'lazy' });
    return el('a.photo', { href: fileURL(a), target: '_blank', rel: 'noopener' }, picture);
  }
  return el('a.file', { href: fileURL(a), download: a.name ?? '' },
    el('span.file-icon', {}, icon('file')),
    el('span', {}, el('b', {}, a.name || kinds[a.kind] || 'Файл'), el('small', {}, size(a.size))));
}

function contact(c) {
  if (!c) return null;
  const phone = `+${c.phone_number.replace(/^\+/, '')}`;
  return el('div.file', {},
    el('span.file-icon', {}, icon('contact')),
    el('span', {}, el('b', {}, `${c.first_name} ${c.last_name ?? ''}`.trim()), el('small', {}, phone)));
}

function reactions(list) {
  if (!list?.length) return null;
  return el('span.reactions', {}, list.map((r) => el('span.reaction', { title: r.bot ? 'бот' : '' }, r.emoji)));
}

const styles = { success: 'success', danger: 'danger', primary: 'primary' };

/** Rows of buttons under a message. press(row, column, node) is called for those that ask the bot. */
function keyboard(rows, press) {
  if (!rows?.length) return null;
  const button = (b, row, column) => {
    const label = [b.text, b.url ? el('span.corner', { 'aria-hidden': 'true' }, '↗') : null];
    const name = `button.key${styles[b.style] ? `.${styles[b.style]}` : ''}`;
    if (b.url) return el('a.key', { href: b.url, target: '_blank', rel: 'noopener noreferrer' }, ...label);
    const node = el(name, {}, ...label);
    node.addEventListener('click', () => (b.copyText ? copy(b.copyText) : press(row, column, node)));
    return node;
  };
  return el('div.keys', {}, rows.map((row, r) => el('div.keys-row', {}, row.map((b, c) => button(b, r, c)))));
}

function quotation(original, jump) {
  if (!original) return null;
  return el('button.quote', { onclick: jump, 'aria-label': `Ответ на: ${gist(original)}` },
    el('b', {}, original.from), el('span', {}, gist(original)));
}

/**
 * The whole message. chat says how things stand: out(m), names, find(id), jump(id), press, command,
 * reply(m), edit(m).
 */
export function bubble(m, chat) {
  if (m.service) return el('p.service', { 'data-id': m.id }, el('span', {}, m.service));
  const out = chat.out(m);
  const text = m.text || m.caption || '';
  const emoji = text && !m.attachment && /^(\p{Extended_Pictographic}\uFE0F?){1,3}$/u.test(text);
  const place = m.location && `Геопозиция: ${m.location.latitude}, ${m.location.longitude}`;
  const body = el('div.bubble', { className: `bubble${emoji ? ' big' : ''}${m.attachment?.kind === 'photo' ? ' pictured' : ''}` },
    chat.names && !out ? el('b.author', { 'data-hue': String(Math.abs(m.fromId) % 7) }, m.from) : null,
    quotation(m.replyTo ? chat.find(m.replyTo) : null, () => chat.jump(m.replyTo)),
    attachment(m.attachment),
    contact(m.contact),
    text || place || m.poll ? el('div.text', {}, ...rich(text || place || `Опрос: ${m.poll.question}`, m.entities, m.fromBot ? chat.command : null)) : null,
    el('footer.meta', {},
      reactions(m.reactions),
      m.edited ? el('span', {}, 'изменено') : null,
      el('time', { dateTime: m.date }, time(m.date)),
      out ? el('span.ticks', { 'aria-hidden': 'true' }, '✓✓') : null));
  const tools = el('div.tools', {},
    el('button.tool', { title: 'Ответить', 'aria-label': `Ответить на: ${gist(m).slice(0, 60)}`, onclick: () => chat.reply(m) }, icon('reply')),
    out && !m.attachment && !m.contact
      ? el('button.tool', { title: 'Изменить', 'aria-label': 'Изменить это сообщение', onclick: () => chat.edit(m) }, icon('edit')) : null);
  body.addEventListener('dblclick', (event) => {
    if (!event.target.closest('button, a, [role=button]')) chat.reply(m);
  });
  if (chat.names && !out) {
    body.addEventListener('click', (event) => {
      if (!event.target.closest('button, a, [role=button]') && getSelection().isCollapsed) chat.reply(m);
    });
  }
  return el(`article.message.${out ? 'out' : 'in'}`, { 'data-id': m.id, 'data-from': m.fromId },
    chat.names && !out ? avatar(m.from, m.fromId) : null,
    el('div.stack', {},
      el('div.line', {}, body, tools),
      keyboard(m.buttons, (row, column, node) => chat.press(m, row, column, node))));
}
