// Shows our OpenAPI document with Swagger UI. No other host is contacted: the online validator is off.
(() => {
  "use strict";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const applyScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  applyScheme();
  dark.addEventListener("change", applyScheme);
  SwaggerUIBundle({
    url: document.body.dataset.schema,
    dom_id: "#swagger-ui",
    deepLinking: false, // a link would stand within the button that opens an operation
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    queryConfigEnabled: false,
    validatorUrl: null,
    onComplete: () => {
      for (const heading of document.querySelectorAll("h3.opblock-tag, .models h4")) {
        heading.setAttribute("aria-level", "2"); // they stand below the title of the page
      }
    },
  });
})();
