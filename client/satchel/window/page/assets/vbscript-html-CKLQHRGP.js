import"./chunk-SQE76S5B.js";function t(n){return{name:"VBScript in HTML",subLanguage:"xml",contains:[{begin:"<%",end:"%>",subLanguage:"vbscript"}]}}export{t as default};
