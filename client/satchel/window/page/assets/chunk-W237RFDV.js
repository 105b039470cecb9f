var s=class{#s=0;ask(){let e=++this.#s;return()=>e===this.#s}};export{s as a};
