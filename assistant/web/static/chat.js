// Moves each turn that Gradio delivers into one log, so that it is announced once and earlier turns are left alone.
// No text is read or changed here: nodes that Gradio has sanitised are copied as nodes. Other scripts of the page add
// to a turn, before it is shown, when it is named in the event `assistant:turn`.
(() => {
  "use strict";
  const root = document.documentElement;
  const words = JSON.parse(document.currentScript.dataset.words);

  const box = () => document.querySelector("#question textarea");

  function begin(latest) {
    const log = document.createElement("div");
    log.id = "conversation";
    log.setAttribute("role", "log");
    log.setAttribute("aria-label", words.conversation);
    latest.before(log);
    document.getElementById("progress").setAttribute("role", "status");
    searching();
    box().setAttribute("aria-describedby", "progress"); // where it is said what was wrong with a question
    sayWhetherOpen();
    root.classList.add("scripted");
    new MutationObserver(() => collect(latest, log)).observe(latest, { childList: true, subtree: true });
    collect(latest, log);
  }

  // While a question is answered it is said so, from the moment it is put; the answer comes whole.
  function searching() {
    const said = document.createElement("p");
    said.id = "searching";
    said.setAttribute("role", "status");
    document.getElementById("composer").prepend(said);
    const start = () => (said.textContent = words.searching);
    box().addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && box().value.trim()) start();
    });
    document.addEventListener("click", ({ target }) => {
      if (!(target instanceof Element)) return;
      if (target.closest("#examples .example") || (target.closest("#ask") && box().value.trim())) start();
    });
    for (const end of ["assistant:turn", "assistant:problem"]) {
      document.addEventListener(end, () => (said.textContent = ""));
    }
  }

  // Gradio's own button for what can be shown and hidden does not say which it is.
  function sayWhetherOpen() {
    new MutationObserver(() => {
      const button = document.querySelector("#filters > button");
      if (!button) return;
      const open = String(button.classList.contains("open"));
      if (button.getAttribute("aria-expanded") !== open) button.setAttribute("aria-expanded", open);
    }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["class"] });
  }

  function collect(latest, log) {
    if (latest.querySelector(".cleared")) {
      keepFocus();
      log.replaceChildren();
      root.classList.remove("begun", "tabled");
      return;
    }
    const delivered = latest.querySelector(".turn[id]");
    if (!delivered) return;
    const turn = delivered.cloneNode(true); // an id stands once in a page, so the copy takes it over
    delivered.removeAttribute("id");
    keepFocus();
    root.classList.add("begun");
    if (turn.querySelector(".compared, .group")) root.classList.add("tabled");
    document.dispatchEvent(new CustomEvent("assistant:turn", { detail: turn }));
    log.append(turn);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    turn.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }

  // The examples and the button that begins again are about to go out of sight: the question box takes over.
  function keepFocus() {
    const active = document.activeElement;
    if (active === document.body || active.closest("#examples, #new-conversation")) {
      box().focus({ preventScroll: true });
    }
  }

  // Gradio draws the page after this script has run, piece by piece.
  const drawn = () => document.getElementById("progress") && box() && document.getElementById("latest");
  if (drawn()) {
    begin(drawn());
    return;
  }
  const waiting = new MutationObserver(() => {
    const latest = drawn();
    if (!latest) return;
    waiting.disconnect();
    begin(latest);
  });
  waiting.observe(document.body, { childList: true, subtree: true });
})();
