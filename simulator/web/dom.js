// Building the page. Nothing here takes HTML: what people type stays text.

/** An element with properties, attributes and children; null children are left out. */
export function el(name, props = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(' ');
  if (tag === 'button') node.type = 'button';
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key in node && key !== 'list') node[key] = value;
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const paths = {
  send: 'M4 11.5 20 4l-4.5 16-4-6.5zM11.5 13.5 20 4',
  attach: 'M19 11.5l-7 7a4.6 4.6 0 0 1-6.5-6.5l7.5-7.5a3.1 3.1 0 0 1 4.4 4.4l-7.4 7.4a1.5 1.5 0 0 1-2.2-2.2l6.6-6.6',
  reply: 'M10 7 4.5 12l5.5 5M5 12h8.5a5.5 5.5 0 0 1 5.5 5.5V19',
  edit: 'M5 19l.8-3.7L15.5 5.6a1.8 1.8 0 0 1 2.6 0l.3.3a1.8 1.8 0 0 1 0 2.6L8.7 18.2z',
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  down: 'M12 6v12M6.5 12.5 12 18l5.5-5.5',
  plus: 'M12 5.5v13M5.5 12h13',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
  phone: 'M8 3.5h8a1.5 1.5 0 0 1 1.5 1.5v14a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 19V5A1.5 1.5 0 0 1 8 3.5zM11 17.5h2',
  group: 'M9 11.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3.5 18.5c.4-3 2.6-4.5 5.5-4.5s5.1 1.5 5.5 4.5M15.5 5.7a3 3 0 0 1 0 5.6M16.5 14.2c2.3.4 3.7 1.9 4 4.3',
  mail: 'M4.5 6.5h15v11h-15zM4.8 7l7.2 6 7.2-6',
  list: 'M8.5 6.5h11M8.5 12h11M8.5 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01',
  cloud: 'M7.5 18a4 4 0 0 1-.4-8A5.5 5.5 0 0 1 17.7 11.2 3.5 3.5 0 0 1 17 18z',
  file: 'M7 3.5h6.5L18 8v12.5H7zM13.5 3.5V8H18',
  picture: 'M4.5 6h15v12.5h-15zM5 16.5l4-4.5 3.5 3.5 2.5-2.5 4.5 4M15 9.5h.01',
  chevron: 'M9 6.5l5.5 5.5L9 17.5',
  contact: 'M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 19.5c.6-3.5 3.4-5 7-5s6.4 1.5 7 5',
};

/** A line icon; what it means is said by the label of what holds it. */
export function icon(name) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(ns, 'path');
  path.setAttribute('d', paths[name]);
  svg.append(path);
  return svg;
}

/** A round picture with initials; its colour follows from the id. */
export function avatar(name, id) {
  const initials = name.split(/\s+/).slice(0, 2).map((word) => word[0] ?? '').join('').toUpperCase();
  return el('span.avatar', { 'data-hue': String(Math.abs(id) % 7), 'aria-hidden': 'true' }, initials);
}

/** Shows one of several sections of a set of buttons with role tab. */
export function select(buttons, chosen) {
  for (const button of buttons) {
    button.setAttribute('aria-selected', String(button === chosen));
    button.tabIndex = button === chosen ? 0 : -1;
  }
}

/** Arrow keys go through the buttons of a list of tabs. */
export function arrows(list) {
  list.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const tabs = [...list.querySelectorAll('[role=tab]')];
    const at = tabs.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = tabs[(at + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });
}

/** Calls f once, a moment after the last of many calls. */
export function soon(f, delay = 250) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(f, delay);
  };
}
