// What is around the question box: the limits that apply to it, which can be removed, a short way to the last answer for
// the keyboard, and what was typed before Gradio had drawn the page.
(() => {
  "use strict";
  const words = JSON.parse(document.currentScript.dataset.words);
  const root = document.documentElement;
  const OPTIONS = { "limit-forces": "force", "limit-periods": "period", "limit-transcripts": "transcript" };
  const MAX_ADDRESS = 4000; // characters of the address's query; it is also sent with each question
  const MAX_OPTIONS = 50;

  function start() {
    const composer = document.getElementById("composer");
    const limits = document.createElement("p");
    limits.id = "limits";
    const toAnswer = document.createElement("button");
    toAnswer.id = "to-answer";
    toAnswer.type = "button";
    toAnswer.textContent = words.toAnswer;
    toAnswer.addEventListener("click", goToAnswer);
    composer.prepend(toAnswer, limits);
    new MutationObserver(() => showLimits(limits)).observe(document.body, { childList: true, subtree: true });
    addEventListener("popstate", () => keepLimits(limits)); // the panel of a source has an address of its own
    showLimits(limits);
    markPlace();
    takeOver();
  }

  // Gradio's sanitiser removes what the server has written.
  function markPlace() {
    const nav = document.querySelector("#introduction nav");
    nav?.setAttribute("aria-label", words.navigation);
    nav?.querySelector('a[href="./"]')?.setAttribute("aria-current", "page");
  }

  function goToAnswer() {
    const turns = document.querySelectorAll("#conversation .reply:not(.problem)");
    const last = turns[turns.length - 1];
    const target = last && (last.querySelector("a.number") || last.querySelector("a, summary, button"));
    if (!target) return;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  }

  // Keeps the chosen limits in the page's address, where opening the page reads them: they outlive a reload and Back.
  // An address is left as it is until limits show, and where it would be longer than the server reads.
  function keepLimits(limits) {
    if (!limits.dataset.shown && !limits.hasChildNodes()) return;
    const address = new URL(location);
    for (const [id, option] of Object.entries(OPTIONS)) {
      address.searchParams.delete(option);
      for (const name of chosen(`#${id} .token`)) address.searchParams.append(option, name);
    }
    const isShort = address.search.length < MAX_ADDRESS && [...address.searchParams].length < MAX_OPTIONS;
    if (isShort) history.replaceState(history.state, "", address);
  }

  const nameOf = (token) => token.querySelector("span")?.textContent.trim() ?? token.textContent.trim();
  const chosen = (selector) => [...document.querySelectorAll(selector)].map(nameOf);

  // The chosen values are in the filters, which may be closed.
  function showLimits(limits) {
    const tokens = [...document.querySelectorAll("#filters .token")];
    const names = tokens.map(nameOf);
    if (limits.dataset.shown === names.join("\n")) return;
    limits.dataset.shown = names.join("\n");
    keepLimits(limits);
    const hadFocus = limits.contains(document.activeElement);
    const chips = names.map((name, number) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.textContent = name;
      chip.setAttribute("aria-label", `${name}. ${words.remove}`);
      chip.addEventListener("click", () => tokens[number].querySelector(".token-remove")?.click());
      return chip;
    });
    limits.replaceChildren(...(chips.length ? [words.limited, ...chips] : []));
    if (hadFocus) (limits.querySelector("button") ?? document.querySelector("#question textarea")).focus();
  }

  // Moves what was typed into the first box, and the focus, to the box that Gradio has drawn.
  function takeOver() {
    const first = document.querySelector("#at-first input");
    const box = document.querySelector("#question textarea");
    if (first?.value && !box.value) {
      box.value = first.value;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const hadFocus = first !== null && first === document.activeElement;
    document.getElementById("at-first")?.remove(); // until then Gradio's page is hidden
    if (hadFocus) box.focus();
  }

  if (root.classList.contains("scripted")) {
    start();
    return;
  }
  const observer = new MutationObserver(() => {
    if (!root.classList.contains("scripted")) return;
    observer.disconnect();
    start();
  });
  observer.observe(root, { attributeFilter: ["class"] });
})();
