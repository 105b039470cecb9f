import{a,b,c,d}from"./chunk-MR67SGYA.js";import"./chunk-GGAAXD3Z.js";import"./chunk-C5UGZASO.js";export{d as css,b as cssCompletionSource,c as cssLanguage,a as defineCSSCompletionSource};
