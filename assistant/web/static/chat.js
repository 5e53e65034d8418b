// Moves each turn that Gradio delivers into one log, so that screen readers announce it once and earlier turns stay
// unchanged. Text is neither read nor changed: nodes that Gradio has sanitised are copied as nodes. The event
// `assistant:turn` lets other scripts of the page add to a turn before it is shown.
(() => {
  "use strict";
  const root = document.documentElement;
  const words = JSON.parse(document.currentScript.dataset.words);

  const questionBox = () => document.querySelector("#question textarea");

  function start(latest) {
    const log = document.createElement("div");
    log.id = "conversation";
    log.setAttribute("role", "log");
    log.setAttribute("aria-label", words.conversation);
    latest.before(log);
    document.getElementById("progress").setAttribute("role", "status");
    announceSearching();
    questionBox().setAttribute("aria-describedby", "progress"); // where problems with a question are reported
    exposeFilterState();
    root.classList.add("scripted");
    document.dispatchEvent(new CustomEvent("assistant:ready", { detail: log }));
    new MutationObserver(() => moveTurn(latest, log)).observe(latest, { childList: true, subtree: true });
    moveTurn(latest, log);
  }

  // Shows and announces that a search is running, from asking the question until the answer or an error arrives.
  function announceSearching() {
    const status = document.createElement("p");
    status.id = "searching";
    status.setAttribute("role", "status");
    document.getElementById("composer").prepend(status);
    const show = () => (status.textContent = words.searching);
    questionBox().addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && questionBox().value.trim()) show();
    });
    document.addEventListener("click", ({ target }) => {
      if (!(target instanceof Element)) return;
      if (target.closest("#examples .example") || (target.closest("#ask") && questionBox().value.trim())) show();
    });
    for (const end of ["assistant:turn", "assistant:problem"]) {
      document.addEventListener(end, () => (status.textContent = ""));
    }
  }

  // Gradio's button that shows and hides the filters does not set `aria-expanded`.
  function exposeFilterState() {
    new MutationObserver(() => {
      const button = document.querySelector("#filters > button");
      if (!button) return;
      const expanded = String(button.classList.contains("open"));
      if (button.getAttribute("aria-expanded") !== expanded) button.setAttribute("aria-expanded", expanded);
    }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["class"] });
  }

  function moveTurn(latest, log) {
    const delivered = latest.querySelector(".turn[id]");
    if (!delivered) return;
    const turn = delivered.cloneNode(true); // ids must be unique, so the copy takes over the id
    delivered.removeAttribute("id");
    turn.kept = latest.querySelector("pre.kept")?.textContent;
    keepFocus();
    root.classList.add("begun");
    if (turn.querySelector(".compared, .group")) root.classList.add("tabled");
    document.dispatchEvent(new CustomEvent("assistant:turn", { detail: turn }));
    log.append(turn);
    const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
    turn.scrollIntoView({ block: "start", behavior: reducedMotion ? "auto" : "smooth" });
  }

  // Moves the focus to the question box if it is on a control that is about to be hidden.
  function keepFocus() {
    const active = document.activeElement;
    if (active === document.body || active.closest("#examples")) {
      questionBox().focus({ preventScroll: true });
    }
  }

  // Gradio draws the page in several steps after this script has run.
  const parts = ["progress", "take", "carried", "alone", "latest"];
  const areDrawn = () => questionBox() && parts.every((id) => document.getElementById(id));
  const drawnLatest = () => areDrawn() && document.getElementById("latest");
  if (drawnLatest()) {
    start(drawnLatest());
    return;
  }
  const observer = new MutationObserver(() => {
    const latest = drawnLatest();
    if (!latest) return;
    observer.disconnect();
    start(latest);
  });
  observer.observe(document.body, { childList: true, subtree: true });
})();
