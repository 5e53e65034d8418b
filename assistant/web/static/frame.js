// The frame's side of the messages between the chat and the page that frames it (docs/embedding.md describes both).
// A page that wants messages puts its origin into the frame's URL, as `host`. That origin must be the chat's own or
// listed by the server, and every message is addressed to it: the browser delivers nothing to a page of another origin.
(() => {
  "use strict";
  const VERSION = 1;
  const MAX_QUESTION_CHARACTERS = 10000; // that a page may put into the box
  const listedOrigins = document.currentScript.dataset.origins.split(" ").filter(Boolean);
  const prefix = new URL("..", document.currentScript.src).pathname.slice(0, -1); // of all our paths
  const pageOrigin = framingOrigin();
  if (window.parent === window || pageOrigin === null) return;

  function framingOrigin() {
    const named = new URLSearchParams(location.search).get("host");
    if (named === null) return null;
    // Some browsers report the true origin, but "null" to a frame with no-referrer.
    const reported = location.ancestorOrigins ? location.ancestorOrigins[0] : undefined;
    const origin = reported === undefined || reported === "null" ? named : reported;
    return [location.origin, ...listedOrigins].includes(origin) ? origin : null;
  }

  const send = (type, more) => window.parent.postMessage({ assessmentAssistant: VERSION, type, ...more }, pageOrigin);
  const questionBox = () => document.querySelector("#question textarea");

  // Calls `use` with the question box, which Gradio draws some time after the page has loaded.
  function withQuestionBox(use) {
    if (questionBox()) {
      use(questionBox());
      return;
    }
    const observer = new MutationObserver(() => {
      if (!questionBox()) return;
      observer.disconnect();
      use(questionBox());
    });
    observer.observe(document.body, { childList: true, subtree: true });
  }

  function fill(question) {
    if (typeof question !== "string" || question.length > MAX_QUESTION_CHARACTERS) return;
    withQuestionBox((box) => {
      box.value = question;
      box.dispatchEvent(new Event("input", { bubbles: true })); // as if it had been typed
      box.focus();
    });
  }

  const handlers = new Map([
    ["focus", () => withQuestionBox((box) => box.focus())],
    ["ask", (message) => fill(message.question)],
  ]);
  window.addEventListener("message", (event) => {
    const message = event.data;
    if (event.origin !== pageOrigin || event.source !== window.parent) return;
    if (message === null || typeof message !== "object" || message.assessmentAssistant !== VERSION) return;
    const handle = handlers.get(message.type);
    if (handle) handle(message);
  });

  // Whether a list of choices or a dialogue in the chat is open, which Escape closes first.
  function hasOpenPopup() {
    const active = document.activeElement;
    return (active && active.getAttribute("aria-expanded") === "true") || document.querySelector("dialog[open]");
  }
  let hadOpenPopup = false;
  window.addEventListener("keydown", () => (hadOpenPopup = Boolean(hasOpenPopup())), { capture: true });
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && !hadOpenPopup) send("close");
  });

  // Sources open outside the frame, which is too narrow to read them in. With a modifier key the browser decides.
  window.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.origin !== location.origin || !link.pathname.startsWith(prefix)) return;
    const path = link.pathname.slice(prefix.length);
    if (!/^\/sources(\/|$)/.test(path)) return;
    event.preventDefault();
    send("open-source", { address: path + link.search + link.hash });
  });

  // Sends the height of the content; its containers are never lower than the frame.
  function sendHeight(content) {
    const height = Math.ceil(content.getBoundingClientRect().bottom + window.scrollY);
    if (height === sentHeight) return;
    sentHeight = height;
    send("height", { height });
  }

  let sentHeight = 0;
  send("ready");
  withQuestionBox((box) => {
    const content = box.closest("main > *") || document.body;
    new ResizeObserver(() => sendHeight(content)).observe(content);
  });
})();
