/* report_script.c - the script of the report: plays the rollout on two canvases. Leaves alone: content, style.
 *
 * Without scripts the page still shows everything else; the canvases' place then says so. */
#include "report_page.h"

static const char *const lines[] = {
    "(function(){'use strict';",
    "var d=JSON.parse(document.getElementById('rollout-data').textContent),cells=d.width*d.height;",
    "function bytes(text){var raw=atob(text),out=new Uint8Array(raw.length);",
    "for(var i=0;i<raw.length;i++)out[i]=raw.charCodeAt(i);return out}",
    "var frames=bytes(d.frames),targets=bytes(d.targets),last=d.steps;",
    "function code(data,step,cell){var c=0;for(var s=0;s<d.bits;s++){var i=cell*d.bits+s;",
    "c|=(data[step*d.frameBytes+(i>>3)]>>(i&7)&1)<<s}return c}",
    "function targetStep(step){return d.fixed?0:step}",
    "function wrong(step){var n=0;for(var i=0;i<cells;i++)n+=code(frames,step,i)!==code(targets,targetStep(step),i);",
    "return n}",
    "function draw(canvas,data,step,marked){var side=Math.max(d.width,d.height),",
    "k=Math.max(1,Math.floor(480/side)),g=canvas.getContext('2d');canvas.width=d.width*k;canvas.height=d.height*k;",
    "for(var i=0;i<cells;i++){var x=i%d.width*k,y=Math.floor(i/d.width)*k,c=code(data,step,i);",
    "g.fillStyle=d.palette[c];g.fillRect(x,y,k,k);",
    "if(marked&&c!==code(targets,targetStep(step),i)){var w=Math.max(1,Math.floor(k/8));",
    "g.strokeStyle='#e11d48';g.lineWidth=w;g.strokeRect(x+w/2,y+w/2,k-w,k-w)}}}",
    "function get(id){return document.getElementById(id)}",
    "var now=get('now'),goal=get('goal'),slider=get('slider'),play=get('play'),mark=get('mark'),where=get('where');",
    "var step=0,timer=null;",
    "function show(to){step=Math.max(0,Math.min(last,to));draw(now,frames,step,mark.checked);",
    "draw(goal,targets,targetStep(step),false);slider.value=step;var n=wrong(step);",
    "where.textContent='step '+step+(step===d.trained?', as long as trained':step>d.trained?', '+(step-d.trained)+",
    "' beyond the trained '+d.trained:' of '+d.trained)+': '+(n===0?'every cell right':n+' of '+cells+' cells wrong')}",
    "function pause(){clearTimeout(timer);timer=null;play.textContent='Play'}",
    "function tick(){if(step>=last)return pause();show(step+1);",
    "timer=setTimeout(tick,step===d.trained?1400:step>d.trained?80:170)}",
    "function start(){if(step>=last)show(0);play.textContent='Pause';timer=setTimeout(tick,500)}",
    "slider.max=last;play.onclick=function(){timer===null?start():pause()};",
    "get('back').onclick=function(){pause();show(step-1)};get('forward').onclick=function(){pause();show(step+1)};",
    "slider.oninput=function(){pause();show(Number(slider.value))};mark.onchange=function(){show(step)};",
    "var strip=get('strip'),shown=[];",
    "for(var i=0;i<6;i++){var at=Math.round(d.trained*i/5);if(shown.indexOf(at)<0)shown.push(at)}",
    "if(last>d.trained)shown.push(last);",
    "shown.forEach(function(at){var figure=document.createElement('figure'),canvas=document.createElement('canvas'),",
    "caption=document.createElement('figcaption');draw(canvas,frames,at,false);caption.textContent='step '+at;",
    "figure.appendChild(canvas);figure.appendChild(caption);strip.appendChild(figure)});",
    "get('player').hidden=false;show(d.trained);",
    "if(!window.matchMedia('(prefers-reduced-motion: reduce)').matches&&location.hash!=='#still'){show(0);start()}",
    "window.addEventListener('beforeprint',function(){pause();show(d.trained)});",
    "})();",
};

void dlca_report_add_script(DlcaText *text) {
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        dlca_text_add(text, "%s\n", lines[i]);
    }
}
