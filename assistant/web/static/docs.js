// Shows our OpenAPI document with Swagger UI. No other host is contacted: the online validator is off.
(() => {
  "use strict";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const applyScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  applyScheme();
  dark.addEventListener("change", applyScheme);

  // What Swagger UI leaves out for people who use a keyboard or a screen reader, by selector.
  const LACKING = {
    "h3.opblock-tag, .models h4": ["aria-level", () => "2"], // they stand below the title of the page
    ".opblock h4": ["aria-level", () => "3"],
    ".opblock h5": ["aria-level", () => "4"],
    "pre": ["tabindex", () => "0"], // so that the keyboard can scroll it
    "table[role=region]": ["role", () => "table"],
    ".examples-select-element": ["aria-label", (list) => list.closest(".examples-select").innerText.split("\n")[0]],
    "textarea": ["aria-label", () => "Request body"],
    "input[placeholder]": ["aria-label", (field) => field.placeholder],
    ".copy-to-clipboard button": ["aria-label", () => "Copy"],
  };
  const root = document.getElementById("swagger-ui");
  const addLacking = () => {
    for (const [selector, [name, value]] of Object.entries(LACKING)) {
      for (const element of root.querySelectorAll(selector)) {
        const wanted = value(element);
        if (element.getAttribute(name) !== wanted) element.setAttribute(name, wanted);
      }
    }
  };
  new MutationObserver(addLacking).observe(root, { childList: true, subtree: true });

  SwaggerUIBundle({
    url: document.body.dataset.schema,
    domNode: root,
    deepLinking: false, // a link would stand within the button that opens an operation
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    syntaxHighlight: false, // its colours have too little contrast
    queryConfigEnabled: false,
    validatorUrl: null,
  });
})();
