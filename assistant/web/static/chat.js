// Moves each turn that Gradio delivers into one log, so that screen readers announce it once and earlier turns stay
// unchanged. Text is neither read nor changed: nodes that Gradio has sanitised are copied as nodes. The event
// `assistant:turn` lets other scripts of the page add to a turn before it is shown. Older turns are folded, so that a long
// conversation stays quick, and a list of the questions leads to each.
(() => {
  "use strict";
  const root = document.documentElement;
  const words = JSON.parse(document.currentScript.dataset.words);
  const { make } = window.assessmentConversation; // of kept.js

  const OPEN = 5; // turns that are not folded

  const questionBox = () => document.querySelector("#question textarea");

  let log = null;

  function start(latest) {
    log = document.createElement("div");
    log.id = "conversation";
    log.setAttribute("role", "log");
    log.setAttribute("aria-label", words.conversation);
    latest.before(log);
    document.getElementById("progress").setAttribute("role", "status");
    announceSearching();
    questionBox().setAttribute("aria-describedby", "progress"); // where problems with a question are reported
    exposeFilterState();
    root.classList.add("scripted");
    document.dispatchEvent(new CustomEvent("assistant:ready", { detail: { log, quietly, tidy, OPEN } }));
    new MutationObserver(() => moveTurn(latest)).observe(latest, { childList: true, subtree: true });
    moveTurn(latest);
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

  function moveTurn(latest) {
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

  // Changes the log without its being read out.
  function quietly(change) {
    log.setAttribute("aria-live", "off");
    change();
    requestAnimationFrame(() => log.removeAttribute("aria-live"));
  }

  // Folds the older turns, and lists the questions. A question that was refused unread may have no words.
  function tidy() {
    const turns = [...log.children].filter((node) => node.querySelector("h2.asked bdi"));
    const older = turns.slice(0, -OPEN);
    const topOf = (turn) => turn?.getBoundingClientRect().top ?? 0;
    const top = topOf(turns.at(-1));
    if (older.length) quietly(() => older.forEach(fold));
    const moved = topOf(turns.at(-1)) - top; // other browsers keep the place by themselves
    if (moved && !CSS.supports("overflow-anchor: auto")) scrollBy({ top: moved, behavior: "instant" });
    listQuestions(turns);
  }

  // Folds a turn, unless its reader is in it or has written feedback that is not sent.
  function fold(turn) {
    const comment = turn.querySelector("form.feedback textarea");
    if (turn.querySelector(":scope > details.folded") || turn.contains(document.activeElement) || comment?.value) return;
    const [question, ...rest] = turn.children;
    const folded = make("details", { className: "folded" }, make("summary", {}, question), ...rest);
    folded.addEventListener("toggle", () => {
      if (folded.open) document.dispatchEvent(new CustomEvent("assistant:unfolded", { detail: turn }));
    });
    turn.append(folded);
  }

  function listQuestions(turns) {
    let jump = document.getElementById("jump");
    if (turns.length <= OPEN) {
      jump?.remove();
      return;
    }
    if (!jump) {
      jump = make("nav", { id: "jump" }, make("details", {}, make("summary", {}), make("ol", {})));
      jump.setAttribute("aria-label", words.questions);
      jump.addEventListener("keydown", (event) => event.key === "Escape" && leave(jump));
      document.getElementById("composer").append(jump);
    }
    jump.querySelector("summary").textContent = `${words.questions} (${turns.length})`;
    const list = jump.querySelector("ol");
    for (const turn of turns.slice(list.children.length)) {
      const link = make("a", { href: `#${turn.id}` }, turn.querySelector("h2.asked bdi").textContent);
      link.addEventListener("click", (event) => {
        event.preventDefault();
        jump.querySelector("details").open = false;
        goTo(turn);
      });
      list.append(make("li", {}, link));
    }
  }

  function leave(jump) {
    jump.querySelector("details").open = false;
    jump.querySelector("summary").focus();
  }

  function goTo(turn) {
    const folded = turn.querySelector(":scope > details.folded");
    if (folded) folded.open = true;
    const target = folded ? folded.querySelector("summary") : turn.querySelector("h2.asked");
    target.tabIndex = folded ? 0 : -1;
    target.focus({ preventScroll: true });
    turn.scrollIntoView({ block: "start" });
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
