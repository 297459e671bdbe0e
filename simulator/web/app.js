// The page: reads the world, listens to what happens, hands it to the parts.
import { soon } from './dom.js';
import { get } from './api.js';
import { setZone } from './text.js';
import { Phones } from './phones.js';
import { Group } from './group.js';
import { Mail } from './mail.js';
import { Register } from './register.js';
import { Weather } from './weather.js';
import { Tabs, themeButton } from './frame.js';

const at = (id) => document.getElementById(id);
const parts = {}; // phones, group, mail, register, weather; made when the world is first known
let waiting = null; // events that came while the world is being read

const tabs = new Tabs(at('tabs'), (name) => {
  if (name === 'phones') parts.phones?.seen();
  if (name === 'group') parts.group?.chat.toEnd();
});
themeButton(at('theme'));

async function load() {
  waiting = [];
  const world = await get('/api/world');
  setZone(world.zone);
  if (!parts.phones) build(world);
  parts.phones.update(world.phones);
  parts.group.update(world.group);
  parts.mail.update(world.letters);
  parts.weather.pulse(world.pulse);
  parts.register.refresh();
  const missed = waiting;
  waiting = null;
  missed.forEach(happen);
  document.body.dataset.ready = 'true';
}

function build(world) {
  const badges = () => {
    tabs.badge('phones', parts.phones?.unread);
    tabs.badge('mail', parts.mail?.unread);
  };
  parts.weather = new Weather(at('weather'), at('gauges-top'));
  parts.phones = new Phones(at('phones'), world.bot, badges);
  parts.group = new Group(at('group'), world.group);
  parts.mail = new Mail(at('mail'), world.boxes, badges);
  parts.register = new Register(at('register'));
  parts.weather.pulse(world.pulse);
  const clock = () => parts.weather.tick(at('clock'));
  clock();
  setInterval(clock, 1000);
}

const reload = soon(() => load().catch(() => {}));

function chatOf(event) {
  if (event.chatId === parts.group.id) return parts.group.chat;
  return parts.phones.get(event.chatId)?.chat;
}

/** What a kind of event changes. */
const changes = {
  message: (event, chat) => {
    const fresh = chat?.show(event.message);
    if (fresh && event.message.fromBot) parts.phones.count(event.chatId);
    if (fresh && chat === parts.group.chat) tabs.hint('group');
    parts.register.refresh();
  },
  edit: (event, chat) => {
    chat?.show(event.message);
    parts.register.refresh();
  },
  reaction: (event, chat) => chat?.show(event.message),
  delete: (event, chat) => chat?.remove(event.messageId),
  keyboard: (event, chat) => {
    if (chat !== parts.group.chat) chat?.setKeyboard(event.keyboard);
  },
  typing: (event, chat) => chat?.setTyping(true),
  toast: (event, chat) => {
    const seen = chat === parts.group.chat ? parts.group.visible && parts.group.current === event.userId : parts.phones.visible(event.chatId);
    chat?.toast(event.toast, seen);
  },
  letter: () => {
    parts.mail.refresh();
    parts.register.refresh();
  },
  commands: reload,
  chat: reload,
  resync: reload,
};

function happen(event) {
  if (waiting) waiting.push(event);
  else changes[event.kind]?.(event, chatOf(event));
}

let figures = '';

function listen() {
  const stream = new EventSource('/api/events');
  stream.addEventListener('open', () => { at('offline').hidden = true; });
  stream.addEventListener('error', () => { at('offline').hidden = false; });
  stream.addEventListener('hello', () => load().catch(() => { at('offline').hidden = false; }));
  stream.addEventListener('event', (message) => happen(JSON.parse(message.data)));
  stream.addEventListener('pulse', (message) => {
    const pulse = JSON.parse(message.data);
    parts.weather?.pulse(pulse);
    const now = JSON.stringify([pulse.gauges.incidents, pulse.gauges.letters, pulse.letters]);
    if (now !== figures) parts.register?.refresh();
    figures = now;
  });
}

listen();
