// Puts the chat into a page of another site: a button that opens it in a panel or, where the page has an element with
// the attribute data-assessment-assistant, a frame in that element's place. docs/embedding.md describes the options,
// the events and the messages. Nothing is stored, nothing of the page is read, and nothing is loaded before the panel
// is opened. Everything stands in shadow roots with a constructed style sheet, so a page whose content policy forbids
// inline styles can use it, and the page's own styles stay out. The server calls this function with the phrasebook's
// words.
(words) => {
  "use strict";
  const VERSION = 1;
  const GRACE = 1500; // milliseconds after the frame's load event in which a frame that was let in has said so
  const PATIENCE = 20000; // milliseconds in which a frame has at least loaded
  const HEIGHTS = { least: 240, most: 20000, inline: 640, panel: 672 }; // CSS pixels

  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const before = new URL(".", script.src).pathname.slice(0, -1); // the path before the assistant's addresses, if any

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
      width: min(27em, calc(100vw - 32px)); height: min(var(--height), calc(100vh - 92px));
    }
    .bar { display: flex; flex-wrap: wrap; align-items: center; border-block-end: 1px solid var(--edge); }
    .bar p { flex: 1 1 auto; padding: 0.25em 0.75em; font-weight: 600; }
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

  function shadow(host, given) {
    if (given.theme) host.setAttribute("data-theme", given.theme);
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    return root;
  }

  // An address of the assistant's, with what the page asks for.
  function address(path, given, more) {
    const url = new URL(before + path, origin);
    const { force, period, transcript, theme, question } = given;
    const asked = { force, period, transcript, theme, q: question, ...more };
    for (const [name, value] of Object.entries(asked)) if (value) url.searchParams.set(name, value);
    return url.href;
  }

  function ownPage(given) {
    return make("a", { href: address("/", given), target: "_blank", rel: "noopener noreferrer" }, words.own_page);
  }

  function height(given, usual) {
    const pixels = Number(given.height);
    return pixels >= HEIGHTS.least && pixels <= HEIGHTS.most ? pixels : usual;
  }

  // The chat's frame, and the line that says how it fares. `on` holds what is done when the frame says something.
  function chat(host, given, on) {
    const frame = make("iframe", { title: words.title, referrerpolicy: "no-referrer" });
    const status = make("p", { class: "status", role: "status" });
    let ready = false;

    const failed = () => {
      if (ready) return;
      frame.hidden = true;
      status.replaceChildren(words.failed, " ", ownPage(given));
    };
    frame.addEventListener("load", () => setTimeout(failed, GRACE));

    const heard = new Map([
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
      ["height", (said) => on.height(said.height)],
      ["open-source", (said) => openSource(host, said.address)],
    ]);
    addEventListener("message", (event) => {
      const said = event.data;
      if (event.origin !== origin || event.source === null || event.source !== frame.contentWindow) return;
      if (said === null || typeof said !== "object" || said.assessmentAssistant !== VERSION) return;
      const act = heard.get(said.type);
      if (act) act(said);
    });

    return {
      frame,
      status,
      get ready() {
        return ready;
      },
      load() {
        status.replaceChildren(words.loading);
        frame.src = address("/embed", given, { host: location.origin });
        setTimeout(failed, PATIENCE);
      },
      say(type, more) {
        frame.focus();
        frame.contentWindow.postMessage({ assessmentAssistant: VERSION, type, ...more }, origin);
      },
    };
  }

  // In a new tab, unless the page shows the source in its own way and cancels the event.
  function openSource(host, path) {
    if (typeof path !== "string" || !/^\/sources(\/|$)/.test(path)) return;
    const url = new URL(before + path, origin);
    if (url.origin !== origin) return;
    const event = new CustomEvent("assessment-assistant:open-source", {
      bubbles: true,
      cancelable: true,
      detail: { address: url.href },
    });
    if (host.dispatchEvent(event)) open(url.href, "_blank", "noopener,noreferrer");
  }

  // What the page asks to have put into the question box, with an event of its own on the document.
  function whenAsked(act) {
    document.addEventListener("assessment-assistant:ask", (event) => {
      const question = event.detail && event.detail.question;
      if (typeof question === "string" && question.trim()) act(question);
    });
  }

  function inline(place) {
    const given = { ...script.dataset, ...place.dataset };
    const host = make("div", {});
    place.replaceChildren(host);
    const root = shadow(host, given);
    const box = make("div", { class: "inline" });
    box.style.setProperty("--height", `${height(given, HEIGHTS.inline)}px`);
    let question = "";
    const held = chat(host, given, {
      ready: () => question && held.say("ask", { question }),
      close: () => {},
      height: (pixels) => {
        if (given.height === "auto" && pixels >= HEIGHTS.least && pixels <= HEIGHTS.most) {
          box.style.setProperty("--height", `${Math.ceil(pixels)}px`);
        }
      },
    });
    box.append(held.status, held.frame, ownPage(given));
    root.append(box);
    held.load();
    whenAsked((asked) => {
      question = asked;
      if (held.ready) held.say("ask", { question });
    });
  }

  function launcher() {
    const given = script.dataset;
    const host = make("div", {});
    const root = shadow(host, given);
    const button = make(
      "button",
      { type: "button", class: "launcher", "aria-expanded": "false", "aria-controls": "panel" },
      given.label || words.open,
    );
    const shut = make("button", { type: "button" }, words.close);
    const title = make("p", { id: "title" }, words.title);
    const panel = make(
      "div",
      { id: "panel", class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: "-1", hidden: "" },
      make("div", { class: "bar" }, title, ownPage(given), shut),
    );
    panel.style.setProperty("--height", `${height(given, HEIGHTS.panel)}px`);
    const region = make("section", { "aria-label": words.title }, button, panel);
    root.append(region);
    document.body.append(host);

    let held = null;
    let question = "";

    // Into the frame, unless the reader has gone elsewhere while it was loading.
    function enter() {
      if (!held.ready || panel.hidden || !panel.contains(root.activeElement)) return;
      if (question) held.say("ask", { question });
      else held.say("focus");
      question = "";
    }

    function show() {
      panel.hidden = false;
      region.classList.add("open");
      button.setAttribute("aria-expanded", "true");
      panel.focus();
      if (held === null) {
        held = chat(host, given, { ready: enter, close: hide, height: () => {} });
        panel.append(held.status, held.frame);
        held.load();
      }
      enter();
    }

    function hide() {
      const elsewhere = document.activeElement !== host && document.activeElement !== document.body;
      panel.hidden = true;
      region.classList.remove("open");
      button.setAttribute("aria-expanded", "false");
      if (!elsewhere) button.focus();
    }

    button.addEventListener("click", () => (panel.hidden ? show() : hide()));
    shut.addEventListener("click", hide);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && !panel.hidden) hide();
    });
    whenAsked((asked) => {
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
