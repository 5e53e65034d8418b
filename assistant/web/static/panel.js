// Opens the source of a citation beside the answer, at its sentence, with the focus there; and back. The text is that
// of the source's own page, which the same link opens where there is no script, or with a modifier key.
(() => {
  "use strict";
  const words = JSON.parse(document.currentScript.dataset.words);
  let panel = null;
  let cameFrom = null;

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
    panel.addEventListener("close", () => cameFrom && cameFrom.focus());
    panel.addEventListener("click", (event) => event.target === panel && panel.close());
    document.body.append(panel);
  }

  async function open(link) {
    if (!panel) build();
    cameFrom = link;
    const [title, text] = [panel.querySelector("h2"), panel.querySelector(".text")];
    title.textContent = words.opening;
    text.replaceChildren();
    panel.querySelector(".whole").href = link.href;
    panel.showModal();
    const page = await fetched(link.href);
    if (!page) {
      title.textContent = words.failed;
      return;
    }
    title.textContent = page.querySelector("h1").textContent;
    const facts = page.querySelector("main .facts");
    text.append(...[facts, page.querySelector("main article")].filter(Boolean).map((n) => document.importNode(n, true)));
    const sentence = text.querySelector(`#${CSS.escape(decodeURIComponent(new URL(link.href).hash.slice(1)))}`);
    if (!sentence) return;
    sentence.classList.add("cited");
    sentence.tabIndex = -1;
    sentence.focus({ preventScroll: true });
    sentence.scrollIntoView({ block: "center" });
  }

  async function fetched(address) {
    try {
      const reply = await fetch(address);
      return reply.ok ? new DOMParser().parseFromString(await reply.text(), "text/html") : null;
    } catch (error) {
      console.warn(error);
      return null;
    }
  }
})();
