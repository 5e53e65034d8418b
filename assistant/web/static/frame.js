// The frame's side of the messages between the chat and the page that frames it (docs/embedding.md describes both).
// A page that speaks them says so by naming its origin in the address, as `host`. It is believed only if the server
// lists that origin or it is the chat's own, and every message is addressed to that origin: if the page that frames
// the chat is another, the browser delivers nothing.
(() => {
  "use strict";
  const VERSION = 1;
  const LONGEST = 10000; // characters of a question that a page may put into the box
  const listed = document.currentScript.dataset.origins.split(" ").filter(Boolean);
  const before = new URL("..", document.currentScript.src).pathname.slice(0, -1); // the path before our addresses
  const page = framingPage();
  if (window.parent === window || page === null) return;

  function framingPage() {
    const named = new URLSearchParams(location.search).get("host");
    if (named === null) return null;
    // Where the browser tells the true origin, that one; it tells "null" to a frame with no-referrer, or nothing.
    const told = location.ancestorOrigins ? location.ancestorOrigins[0] : undefined;
    const origin = told === undefined || told === "null" ? named : told;
    return [location.origin, ...listed].includes(origin) ? origin : null;
  }

  const say = (type, more) => window.parent.postMessage({ assessmentAssistant: VERSION, type, ...more }, page);
  const box = () => document.querySelector("#question textarea");

  // Gradio draws the box some time after the page has loaded.
  function withBox(act) {
    if (box()) {
      act(box());
      return;
    }
    const waiting = new MutationObserver(() => {
      if (!box()) return;
      waiting.disconnect();
      act(box());
    });
    waiting.observe(document.body, { childList: true, subtree: true });
  }

  function fill(question) {
    if (typeof question !== "string" || question.length > LONGEST) return;
    withBox((field) => {
      field.value = question;
      field.dispatchEvent(new Event("input", { bubbles: true })); // as if it had been typed
      field.focus();
    });
  }

  const heard = new Map([
    ["focus", () => withBox((field) => field.focus())],
    ["ask", (said) => fill(said.question)],
  ]);
  window.addEventListener("message", (event) => {
    const said = event.data;
    if (event.origin !== page || event.source !== window.parent) return;
    if (said === null || typeof said !== "object" || said.assessmentAssistant !== VERSION) return;
    const act = heard.get(said.type);
    if (act) act(said);
  });

  // A list of choices or a dialogue in the chat has the key first.
  function busy() {
    const active = document.activeElement;
    return (active && active.getAttribute("aria-expanded") === "true") || document.querySelector("dialog[open]");
  }
  let wasBusy = false;
  window.addEventListener("keydown", () => (wasBusy = Boolean(busy())), { capture: true });
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && !wasBusy) say("close");
  });

  // A source leaves the frame, which is too narrow to read it in. With a modifier key the browser does as ever.
  window.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.origin !== location.origin || !link.pathname.startsWith(before)) return;
    const path = link.pathname.slice(before.length);
    if (!/^\/sources(\/|$)/.test(path)) return;
    event.preventDefault();
    say("open-source", { address: path + link.search + link.hash });
  });

  // Of the content, not of what holds it: that is never less high than the frame.
  function tellHeight(content) {
    const height = Math.ceil(content.getBoundingClientRect().bottom + window.scrollY);
    if (height === said) return;
    said = height;
    say("height", { height });
  }

  let said = 0;
  say("ready");
  withBox((field) => {
    const content = field.closest("main > *") || document.body;
    new ResizeObserver(() => tellHeight(content)).observe(content);
  });
})();
