// Talking to the demo, and telling the person when it says no.
import { el } from './dom.js';

/** Shows a sentence for a few seconds. */
export function notice(text) {
  const node = el('p.notice', {}, text);
  document.getElementById('notices').append(node);
  setTimeout(() => node.remove(), 4000);
}

async function take(response) {
  if (!response.ok) throw new Error((await response.text()).trim() || response.statusText);
  return response.status === 204 ? null : response.json();
}

/** Reads; errors are the caller's. */
export const get = async (path) => take(await fetch(path));

/** Does something; the answer is undefined when it was refused, and the person has been told. */
export async function post(path, body, headers = { 'Content-Type': 'application/json' }) {
  try {
    const data = headers['Content-Type'] === 'application/json' ? JSON.stringify(body) : body;
    return await take(await fetch(path, { method: 'POST', headers, body: data }));
  } catch (error) {
    notice(error instanceof TypeError ? 'Демонстрация не отвечает.' : error.message);
    return undefined;
  }
}

/** Copies a text and says so. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    notice(`Скопировано: ${text}`);
  } catch {
    notice('Браузер не дал скопировать. Выделите текст и скопируйте его сами.');
  }
}

/** Shows an alert that has to be confirmed. */
export function alertOf(text) {
  const dialog = document.getElementById('alert');
  document.getElementById('alert-text').textContent = text;
  if (!dialog.open) dialog.showModal();
}
