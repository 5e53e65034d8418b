// Embeds the chat in a page of another site: as a button that opens a panel or, if the page has an element with the
// attribute data-assessment-assistant, as a frame in place of that element. docs/embedding.md describes the options,
// the events and the messages. The script stores nothing, reads nothing of the page, and loads nothing before the
// panel is opened. Everything is in shadow roots with a constructed style sheet, so that it works under a content
// policy that forbids inline styles, and the page's own styles do not apply. The server appends the call of this
// function, with the texts to show.
(words) => {
  "use strict";
  const VERSION = 1;
  const READY_TIMEOUT = 1500; // milliseconds from the frame's load event until its chat must report that it is ready
  const LOAD_TIMEOUT = 20000; // milliseconds until the frame must have loaded and be ready
  const HEIGHTS = { min: 240, max: 20000, inline: 640, panel: 672 }; // CSS pixels

  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const prefix = new URL(".", script.src).pathname.slice(0, -1); // of all the assistant's paths, if any

  const DARK =
    "--paper: #14191e; --ink: #e6eaed; --edge: #8a96a1; --accent: #a9cdf0; --on-accent: #10202f; --focus: #ffb454; " +
    "color-scheme: dark;";
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host {
      all: initial; display: block; color-scheme: light;
      --paper: #ffffff; --ink: #1b232b; --edge: #6b7782; --accent: #1d4a74; --on-accent: #ffffff; --focus: #b34a00;
      font-family: "Segoe UI", -apple-system, "Helvetica Neue", Arial, "Liberation Sans", sans-serif;
      line-height: 1.4;
    }
    @media (prefers-color-scheme: dark) { :host(:not([data-theme="light"])) { ${DARK} } }
    :host([data-theme="dark"]) { ${DARK} }
    [hidden] { display: none !important; }
    p { margin: 0; }
    a, button {
      display: inline-flex; align-items: center; justify-content: center; box-sizing: border-box;
      min-width: 44px; min-height: 44px; padding: 0.25em 0.75em;
      border: 2px solid transparent; background: transparent; color: var(--accent); cursor: pointer;
      font: inherit; text-decoration: underline; text-underline-offset: 0.15em;
    }
    a:hover, button:hover { text-decoration-thickness: 0.15em; }
    :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
    .panel:focus-visible { outline-offset: -3px; }
    .launcher {
      position: fixed; inset-block-end: 16px; inset-inline-end: 16px; z-index: 2147483000;
      max-width: calc(100vw - 32px); padding: 0.5em 1.25em;
      border-color: var(--on-accent); background: var(--accent); color: var(--on-accent);
      font-weight: 600; text-decoration: none;
    }
    .launcher:hover { text-decoration: underline; }
    .panel, .inline { display: flex; flex-direction: column; background: var(--paper); color: var(--ink); }
    .inline, .panel { border: 1px solid var(--edge); }
    .panel {
      position: fixed; inset-block-end: 76px; inset-inline-end: 16px; z-index: 2147483000; box-sizing: border-box;
      width: min(30em, calc(100vw - 32px)); height: min(var(--height), calc(100vh - 92px));
    }
    .bar { display: flex; flex-wrap: wrap; align-items: center; border-block-end: 1px solid var(--edge); }
    .bar p { flex: 1 1 auto; padding: 0.25em 0.75em; font-weight: 600; }
    .bar :is(a, button) { padding-inline: 0.5em; }
    .status { padding: 0.75em; }
    .status:empty { padding: 0; }
    iframe { display: block; flex: 1 1 auto; width: 100%; min-height: 0; border: 0; }
    .inline iframe { flex: none; height: var(--height); }
    .inline > a { align-self: flex-end; }
    @media (max-width: 480px), (max-height: 480px) {
      .panel { inset: 0; width: auto; height: auto; border: 0; }
      .open .launcher { visibility: hidden; }
    }
    @media print { .launcher, .panel { display: none !important; } }
  `);

  function make(name, attributes, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  function shadow(host, options) {
    if (options.theme) host.setAttribute("data-theme", options.theme);
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    return root;
  }

  // Returns a URL of the assistant with the page's options.
  function address(path, options, more) {
    const url = new URL(prefix + path, origin);
    const { force, period, transcript, theme, question } = options;
    const parameters = { force, period, transcript, theme, q: question, ...more };
    for (const [name, value] of Object.entries(parameters)) if (value) url.searchParams.set(name, value);
    return url.href;
  }

  function ownPage(options) {
    return make("a", { href: address("/", options), target: "_blank", rel: "noopener noreferrer" }, words.own_page);
  }

  function height(options, usual) {
    const pixels = Number(options.height);
    return pixels >= HEIGHTS.min && pixels <= HEIGHTS.max ? pixels : usual;
  }

  // Creates the chat's frame and its status line. `on` has the handlers of the frame's messages.
  function chat(host, options, on) {
    const frame = make("iframe", { title: words.title, referrerpolicy: "no-referrer" });
    const status = make("p", { class: "status", role: "status" });
    let ready = false;

    const showFailure = () => {
      if (ready) return;
      frame.hidden = true;
      status.replaceChildren(words.failed, " ", ownPage(options));
    };
    frame.addEventListener("load", () => setTimeout(showFailure, READY_TIMEOUT));

    const handlers = new Map([
      [
        "ready",
        () => {
          ready = true;
          frame.hidden = false;
          status.replaceChildren();
          on.ready();
        },
      ],
      ["close", () => on.close()],
      ["height", (message) => on.height(message.height)],
      ["open-source", (message) => openSource(host, message.address)],
    ]);
    addEventListener("message", (event) => {
      const message = event.data;
      if (event.origin !== origin || event.source === null || event.source !== frame.contentWindow) return;
      if (message === null || typeof message !== "object" || message.assessmentAssistant !== VERSION) return;
      const handle = handlers.get(message.type);
      if (handle) handle(message);
    });

    return {
      frame,
      status,
      get ready() {
        return ready;
      },
      load() {
        status.replaceChildren(words.loading);
        frame.src = address("/embed", options, { host: location.origin });
        setTimeout(showFailure, LOAD_TIMEOUT);
      },
      send(type, more) {
        frame.focus();
        frame.contentWindow.postMessage({ assessmentAssistant: VERSION, type, ...more }, origin);
      },
    };
  }

  // Opens a source in a new tab, unless the page shows it in its own way and cancels the event.
  function openSource(host, path) {
    if (typeof path !== "string" || !/^\/sources(\/|$)/.test(path)) return;
    const url = new URL(prefix + path, origin);
    if (url.origin !== origin) return;
    const event = new CustomEvent("assessment-assistant:open-source", {
      bubbles: true,
      cancelable: true,
      detail: { address: url.href },
    });
    if (host.dispatchEvent(event)) open(url.href, "_blank", "noopener,noreferrer");
  }

  // Calls `handle` with a question that the page wants in the question box, by an event on the document.
  function onPageQuestion(handle) {
    document.addEventListener("assessment-assistant:ask", (event) => {
      const question = event.detail && event.detail.question;
      if (typeof question === "string" && question.trim()) handle(question);
    });
  }

  function inline(place) {
    const options = { ...script.dataset, ...place.dataset };
    const host = make("div", {});
    place.replaceChildren(host);
    const root = shadow(host, options);
    const box = make("div", { class: "inline" });
    box.style.setProperty("--height", `${height(options, HEIGHTS.inline)}px`);
    let question = "";
    const embedded = chat(host, options, {
      ready: () => question && embedded.send("ask", { question }),
      close: () => {},
      height: (pixels) => {
        if (options.height === "auto" && pixels >= HEIGHTS.min && pixels <= HEIGHTS.max) {
          box.style.setProperty("--height", `${Math.ceil(pixels)}px`);
        }
      },
    });
    box.append(embedded.status, embedded.frame, ownPage(options));
    root.append(box);
    embedded.load();
    onPageQuestion((asked) => {
      question = asked;
      if (embedded.ready) embedded.send("ask", { question });
    });
  }

  function launcher() {
    const options = script.dataset;
    const host = make("div", {});
    const root = shadow(host, options);
    const button = make(
      "button",
      { type: "button", class: "launcher", "aria-expanded": "false", "aria-controls": "panel" },
      options.label || words.open,
    );
    const closeButton = make("button", { type: "button" }, words.close);
    const title = make("p", { id: "title" }, words.title);
    const panel = make(
      "div",
      { id: "panel", class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: "-1", hidden: "" },
      make("div", { class: "bar" }, title, ownPage(options), closeButton),
    );
    panel.style.setProperty("--height", `${height(options, HEIGHTS.panel)}px`);
    const region = make("section", { "aria-label": words.title }, button, panel);
    root.append(region);
    document.body.append(host);

    let embedded = null;
    let question = "";

    // Moves the focus into the frame, unless the reader has left the panel while the frame was loading.
    function enter() {
      if (!embedded.ready || panel.hidden || !panel.contains(root.activeElement)) return;
      if (question) embedded.send("ask", { question });
      else embedded.send("focus");
      question = "";
    }

    function show() {
      panel.hidden = false;
      region.classList.add("open");
      button.setAttribute("aria-expanded", "true");
      panel.focus();
      if (embedded === null) {
        embedded = chat(host, options, { ready: enter, close: hide, height: () => {} });
        panel.append(embedded.status, embedded.frame);
        embedded.load();
      }
      enter();
    }

    function hide() {
      const isElsewhere = document.activeElement !== host && document.activeElement !== document.body;
      panel.hidden = true;
      region.classList.remove("open");
      button.setAttribute("aria-expanded", "false");
      if (!isElsewhere) button.focus();
    }

    button.addEventListener("click", () => (panel.hidden ? show() : hide()));
    closeButton.addEventListener("click", hide);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && !panel.hidden) hide();
    });
    onPageQuestion((asked) => {
      question = asked;
      show();
    });
  }

  function begin() {
    const places = document.querySelectorAll("[data-assessment-assistant]");
    places.forEach(inline);
    if (places.length === 0) launcher();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
}
