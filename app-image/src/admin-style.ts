/** What the page of all tenants adds to the look of one tenant's page: its cards are that page, smaller, however many containers they list. */
export const ADMIN_STYLE = `
body{place-items:start center;align-content:start;padding:clamp(1rem,3vw,2.5rem) 1.5rem}
main{display:block;width:min(76rem,100%);background:none;border-radius:0;overflow:visible;box-shadow:none}
header{margin-bottom:1.5rem}
h1{font-size:clamp(1.8rem,4vw,2.6rem);letter-spacing:-.03em;line-height:1.15}
header p,footer{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,32rem),1fr));gap:1.5rem}
article{container-type:inline-size;--picture:11.5rem;--gap:1.5rem;--pad:1.25rem;display:grid;grid-template-columns:var(--picture) minmax(0,1fr);gap:var(--gap);align-items:start;padding:var(--pad);background:var(--card);color:var(--ink);border-radius:1.75rem;box-shadow:0 1px 2px hsl(var(--hue) 40% 20%/.08),0 24px 60px -20px hsl(var(--hue) 50% 25%/.28)}
figure{aspect-ratio:1;min-height:0;overflow:hidden;border-radius:1.15rem;background:hsl(var(--hue) 70% 93%)}
section{padding:.25rem .25rem .25rem 0;justify-content:flex-start}
.top{display:flex;justify-content:space-between;align-items:start;gap:.75rem}
.state{display:flex;align-items:center;gap:.45rem;padding:.2rem 0;color:var(--soft);font-size:.875rem}
.state:before{content:"";width:.65rem;height:.65rem;border-radius:50%;background:#2f9e5b}
.empty .state:before{background:none;border:2px solid var(--soft)}
.away .state:before{background:#d98a00;border-radius:.12rem}
article .count{flex-wrap:wrap;row-gap:.3rem}
article .count b{font-size:min(var(--largest,3.6rem),calc((100cqi - var(--picture) - var(--gap)) / var(--digits) / .66))}
article .count span{overflow-wrap:normal}
.away .count b{color:var(--soft)}
.away img{filter:grayscale(.85) opacity(.6)}
.tenantless figure{place-items:center;display:grid}
.tenantless img{width:6rem;height:6rem;filter:grayscale(1) opacity(.45)}
ul{list-style:none;padding:0;margin-top:.8rem;display:grid;grid-template-columns:minmax(0,1fr);gap:.3rem}
li{display:flex;justify-content:space-between;gap:.75rem;padding:.25rem .6rem;border-radius:.5rem;background:linear-gradient(90deg,hsl(var(--hue) 70% 91%) var(--share,0%),hsl(var(--hue) 30% 97%) var(--share,0%));font:.875rem/1.5 ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace}
li span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
li b{font-variant-numeric:tabular-nums}
.rest{background:none;color:var(--soft)}
.database{margin-top:.8rem;padding-top:.8rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem;overflow-wrap:anywhere}
code{font:1em ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace;color:var(--ink)}
small{opacity:.75}
.notice{font-size:.875rem;margin-top:.6rem}
footer{width:min(76rem,100%);margin-top:1.5rem;font-size:.875rem}
footer b{font-family:ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace;font-weight:400}
main:has(article:only-child){width:min(58rem,100%)}main:has(article:only-child)+footer{width:min(58rem,100%)}
@media (min-width:52rem){article:only-child{--picture:20rem;--gap:2.25rem;--pad:1.5rem}}
@media (max-width:34rem){article{--picture:6.5rem;--gap:1.1rem;--pad:1.1rem;--largest:2.5rem;row-gap:0;border-radius:1.5rem}figure{grid-row:1/4;margin-bottom:.6rem}section{display:contents}section>*{grid-column:1/-1}.top{grid-column:2;flex-wrap:wrap;gap:.1rem .75rem}article .count{grid-column:2;margin-top:.3rem}}
@media (prefers-color-scheme:dark){figure{background:hsl(var(--hue) 40% 24%)}
li{background:linear-gradient(90deg,hsl(var(--hue) 35% 26%) var(--share,0%),hsl(var(--hue) 18% 18%) var(--share,0%))}.rest{background:none}}
`.replaceAll('\n', '');
