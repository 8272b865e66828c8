/**
 * Asks this server once a second, while anyone looks, and changes only what differs: a picture stays as it is, and so does a selection.
 * It is as small as it is since the server draws: the page and its newer parts are made by the same functions.
 */
export const ADMIN_SCRIPT = `
(() => {
  const main = document.getElementById('tenants');
  const lost = document.getElementById('lost');
  const idsOf = (root) => [...root.querySelectorAll('[id]')].map((element) => element.id).join(' ');
  let heard = new Date();
  const show = (html) => {
    // Inert: the pictures in it are not asked for until they are shown.
    const template = document.createElement('template');
    template.innerHTML = html;
    const fresh = template.content;
    if (idsOf(fresh) !== idsOf(main)) return main.replaceChildren(...fresh.childNodes);
    for (const each of fresh.querySelectorAll('[id]')) {
      const shown = document.getElementById(each.id);
      if (shown.className !== each.className) shown.className = each.className;
      const [from, to] = [each.querySelector('[data-live]'), shown.querySelector('[data-live]')];
      if (from.innerHTML !== to.innerHTML) to.innerHTML = from.innerHTML;
    }
  };
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch('/tenants', { signal: AbortSignal.timeout(3000) });
      if (!answer.ok) throw new Error(answer.status);
      show(await answer.text());
      heard = new Date();
      lost.hidden = true;
    } catch {
      lost.textContent = 'This page is as of ' + heard.toLocaleTimeString() + ': its server does not answer.';
      lost.hidden = false;
    }
  };
  const again = () => setTimeout(() => ask().finally(again), 1000);
  document.addEventListener('visibilitychange', ask);
  again();
})();
`.trim();
