// Times, numbers, and the text of messages as nodes.
import { el } from './dom.js';
import { copy } from './api.js';

let zone = 'UTC';
const formats = new Map();

/** Sets the zone in which times are shown. */
export function setZone(name) {
  zone = name;
  formats.clear();
}

function format(date, name, options) {
  if (!formats.has(name)) formats.set(name, new Intl.DateTimeFormat('ru', { timeZone: zone, ...options }));
  return formats.get(name).format(new Date(date));
}

export const time = (date) => format(date, 'time', { hour: '2-digit', minute: '2-digit' });
export const seconds = (date) => format(date, 'seconds', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
export const day = (date) => format(date, 'day', { day: 'numeric', month: 'long' });
export const weekday = (date) => format(date, 'weekday', { weekday: 'short', day: 'numeric', month: 'long' });
export const moment = (date) => `${format(date, 'date', { day: '2-digit', month: '2-digit' })}, ${time(date)}`;

/** A size in words. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} Б`;
  if (bytes < 1 << 20) return `${Math.round(bytes / 1024)} КБ`;
  return `${(bytes / (1 << 20)).toFixed(1).replace('.', ',')} МБ`;
}

const blocks = new Set(['pre', 'blockquote', 'expandable_blockquote']);

/** A button that breaks into lines as text does, which a button element cannot. */
function pressable(name, label, run) {
  return el(name, { role: 'button', tabIndex: 0, title: label, 'aria-label': label, onclick: run, onkeydown: (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    run();
  } });
}

/** The node of an entity; its content follows. */
function wrap(entity, content, onCommand) {
  switch (entity.type) {
    case 'bold': return el('strong');
    case 'italic': return el('em');
    case 'underline': return el('u');
    case 'strikethrough': return el('s');
    case 'spoiler': return el('span.spoiler', { tabIndex: 0 });
    case 'pre': return el('pre');
    case 'blockquote':
    case 'expandable_blockquote': return el('blockquote');
    case 'code':
      return pressable(content.length > 32 ? 'span.code' : 'span.code.short', `Скопировать ${content}`, () => copy(content));
    case 'text_link':
    case 'url': return link(entity.url ?? content);
    case 'bot_command': return pressable('span.command', `Команда ${content}`, () => onCommand?.(content));
    default: return el('span');
  }
}

function link(address) {
  const url = /^[a-z]+:/i.test(address) ? address : `https://${address}`;
  if (!/^(https?|mailto|tg):/i.test(url)) return el('span');
  return el('a', { href: url, target: '_blank', rel: 'noopener noreferrer' });
}

/** Commands and addresses, which Telegram's clients find in a plain text by themselves. */
const found = /(?<![\p{L}\p{N}_/<>@.])(\/[a-z][a-z0-9_]{1,31})(?![\p{L}\p{N}_/@])|(https?:\/\/[^\s<>"«»]+[^\s<>"«».,!?;:)])/giu;

function plain(text, onCommand) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(found)) {
    nodes.push(text.slice(end, match.index));
    const node = match[1] ? pressable('span.command', `Команда ${match[1]}`, () => onCommand?.(match[1])) : link(match[2]);
    node.append(match[0]);
    nodes.push(node);
    end = match.index + match[0].length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== '');
}

/** The text with its entities, which nest and never cross, as nodes. */
export function rich(text, entities = [], onCommand = null) {
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return range(text, sorted, 0, text.length, onCommand);
}

function range(text, entities, from, to, onCommand) {
  const nodes = [];
  let at = from;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i];
    if (entity.offset < at) continue;
    const end = Math.min(entity.offset + entity.length, to);
    const block = blocks.has(entity.type);
    let before = text.slice(at, entity.offset);
    if (block) before = before.replace(/\n$/, '');
    nodes.push(...plain(before, onCommand));
    const node = wrap(entity, text.slice(entity.offset, end), onCommand);
    const inner = entities.slice(i + 1).filter((e) => e.offset < end);
    const bare = node.matches('.code, .command') || node.tagName === 'A' || entity.type === 'pre';
    node.append(...(bare ? [text.slice(entity.offset, end)] : range(text, inner, entity.offset, end, onCommand)));
    nodes.push(node);
    at = block && text[end] === '\n' ? end + 1 : end;
  }
  nodes.push(...plain(text.slice(at, to), onCommand));
  return nodes;
}
