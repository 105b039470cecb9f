import{a,b,c,d}from"./chunk-63SIAIF5.js";export{a as javascript,b as json,c as jsonld,d as typescript};
