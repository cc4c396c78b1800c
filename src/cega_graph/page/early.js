document.documentElement.dataset.lang = /^zh/i.test(navigator.language || "") ? "zh" : "en";
