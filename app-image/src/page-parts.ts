/** What the pages of web and admin share: their look, and care with what others wrote. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** A paw, small enough to stand in every page. */
export const PAW = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="#c2703a"><ellipse cx="16" cy="21" rx="8" ry="7"/><circle cx="6" cy="14" r="3"/><circle cx="12" cy="8" r="3.5"/><circle cx="20" cy="8" r="3.5"/><circle cx="26" cy="14" r="3"/></svg>',
)}`;

export const STYLE = `
*{box-sizing:border-box;margin:0}
:root{color-scheme:light dark}
:root,article{--ground:hsl(var(--hue) 45% 95%);--card:#fff;--ink:hsl(var(--hue) 30% 14%);--soft:hsl(var(--hue) 12% 42%);--line:hsl(var(--hue) 25% 90%);--accent:hsl(var(--hue) 62% 40%)}
body{min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:radial-gradient(120% 90% at 15% 0%,hsl(var(--hue) 70% 90%),var(--ground) 60%);color:var(--ink);font:16px/1.5 ui-sans-serif,system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{display:grid;grid-template-columns:minmax(0,1.05fr) minmax(0,1fr);width:min(58rem,100%);background:var(--card);border-radius:1.75rem;overflow:hidden;box-shadow:0 1px 2px hsl(var(--hue) 40% 20%/.08),0 24px 60px -20px hsl(var(--hue) 50% 25%/.28)}
figure{display:flex;min-height:100%}
img{display:block;width:100%;height:100%;object-fit:cover;aspect-ratio:1}
section{display:flex;flex-direction:column;justify-content:center;gap:.35rem;padding:clamp(1.5rem,4vw,3rem)}
.tenant{align-self:flex-start;padding:.2rem .85rem;border-radius:1rem;background:hsl(var(--hue) 70% 93%);color:hsl(var(--hue) 65% 28%);font-weight:600;overflow-wrap:anywhere}
.count{display:flex;align-items:baseline;gap:.6rem;margin-top:.6rem;line-height:1;overflow-wrap:anywhere}
.count b{font-size:clamp(3.2rem,9vw,5.4rem);letter-spacing:-.04em;color:var(--accent);font-variant-numeric:tabular-nums}
.count span{font-size:1.35rem;color:var(--soft)}
.own{color:var(--soft)}
.notice{margin-top:1rem;padding:.7rem .95rem;border-radius:.8rem;background:#fff3d6;color:#6b4700;border:1px solid #f1d48a}
dl{margin-top:1.4rem;border-top:1px solid var(--line)}
dl div{display:grid;grid-template-columns:6.2rem minmax(0,1fr);gap:.75rem;padding:.5rem 0;border-bottom:1px solid var(--line)}
dt{color:var(--soft);font-size:.875rem}
dd{font:.875rem/1.5 ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.id{font-size:.75rem;line-height:1.75}
@media (max-width:44rem){main{grid-template-columns:1fr}}
@media (prefers-color-scheme:dark){:root,article{--ground:hsl(var(--hue) 22% 9%);--card:hsl(var(--hue) 18% 14%);--ink:hsl(var(--hue) 25% 93%);--soft:hsl(var(--hue) 12% 66%);--line:hsl(var(--hue) 14% 23%);--accent:hsl(var(--hue) 80% 74%)}
body{background:radial-gradient(120% 90% at 15% 0%,hsl(var(--hue) 35% 18%),var(--ground) 60%)}
.tenant{background:hsl(var(--hue) 40% 24%);color:hsl(var(--hue) 80% 86%)}
.notice{background:#3a2c08;color:#ffe2a0;border-color:#6b5214}}
`.replaceAll('\n', '');
