// Opens the source of a citation in a panel next to the answer, with the focus on its sentence, and returns the focus.
// The text comes from the source's own page, which the link opens without JavaScript or with a modifier key.
(() => {
  "use strict";
  const words = JSON.parse(document.currentScript.dataset.words);
  let panel = null;
  let openedFrom = null;

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("#conversation a.number") : null;
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link);
  });

  function build() {
    panel = document.createElement("dialog");
    panel.id = "source-panel";
    panel.setAttribute("aria-labelledby", "source-title");
    const bar = document.createElement("div");
    bar.className = "bar";
    const back = document.createElement("button");
    back.type = "button";
    back.className = "act";
    back.textContent = words.back;
    back.addEventListener("click", () => panel.close());
    const whole = document.createElement("a");
    whole.className = "whole";
    whole.target = "_blank";
    whole.rel = "noopener";
    whole.textContent = words.whole;
    bar.append(back, whole);
    const title = document.createElement("h2");
    title.id = "source-title";
    const text = document.createElement("div");
    text.className = "reading text";
    panel.append(bar, title, text);
    panel.addEventListener("close", () => openedFrom && openedFrom.focus());
    panel.addEventListener("click", (event) => event.target === panel && panel.close());
    document.body.append(panel);
  }

  async function open(link) {
    if (!panel) build();
    openedFrom = link;
    const [title, text] = [panel.querySelector("h2"), panel.querySelector(".text")];
    title.textContent = words.opening;
    text.replaceChildren();
    panel.querySelector(".whole").href = link.href;
    panel.showModal();
    const page = await fetchPage(link.href);
    if (!page) {
      title.textContent = words.failed;
      return;
    }
    title.textContent = page.querySelector("h1").textContent;
    const facts = page.querySelector("main .facts");
    const parts = [facts, page.querySelector("main article")].filter(Boolean);
    text.append(...parts.map((part) => document.importNode(part, true)));
    const sentence = text.querySelector(`#${CSS.escape(decodeURIComponent(new URL(link.href).hash.slice(1)))}`);
    if (!sentence) return;
    sentence.classList.add("cited");
    sentence.tabIndex = -1;
    sentence.focus({ preventScroll: true });
    sentence.scrollIntoView({ block: "center" });
  }

  async function fetchPage(address) {
    try {
      const response = await fetch(address);
      return response.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
    } catch (error) {
      console.warn(error);
      return null;
    }
  }
})();
