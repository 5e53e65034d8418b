// Opens the source of a citation beside the answer, with the focus on its sentence, and returns the focus: in a column of
// its own where the window is wide, else in a panel over the page, which Back closes too. The text comes from the
// source's own page, which the link opens without JavaScript or with a modifier key. Also shows a preview of a citation.
(() => {
  "use strict";
  const words = JSON.parse(document.currentScript.dataset.words);
  const { make, button } = window.assessmentConversation; // of kept.js
  const wide = matchMedia("(min-width: 1200px)");
  const PREVIEW_DELAY = 300; // milliseconds for which the pointer rests on a citation
  let panel = null;
  let openedFrom = null;
  let changesPlace = false; // between the column and the panel, when the window changes its width

  document.addEventListener("click", (event) => {
    const link = citationAt(event.target);
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link);
  });
  addEventListener("popstate", () => panel?.open && !isColumn() && panel.close());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (!hidePreview() && panel?.open && isColumn()) panel.close();
  });
  wide.addEventListener("change", () => {
    if (!panel?.open) return;
    changesPlace = true;
    panel.close();
    show();
  });

  const citationAt = (node) => (node instanceof Element ? node.closest("#conversation a.number") : null);
  const isColumn = () => document.documentElement.classList.contains("beside");

  function build() {
    const back = button(words.back, () => panel.close());
    const whole = make("a", { className: "whole", target: "_blank", rel: "noopener" }, words.whole);
    const steps = make("div", { className: "steps" });
    steps.append(
      button(words.previous, () => step(-1)),
      button(words.next, () => step(1)),
    );
    panel = make("dialog", { id: "source-panel" });
    panel.setAttribute("aria-labelledby", "source-title");
    const bar = make("div", { className: "bar" }, back, steps, whole);
    panel.append(bar, make("h2", { id: "source-title" }), make("div", { className: "reading text" }));
    panel.addEventListener("close", closed);
    panel.addEventListener("click", (event) => event.target === panel && panel.close());
    document.body.append(panel);
  }

  function show() {
    document.documentElement.classList.toggle("beside", wide.matches);
    if (wide.matches) {
      panel.show();
      return;
    }
    panel.showModal();
    if (!history.state?.sourcePanel) history.pushState({ ...history.state, sourcePanel: true }, "");
  }

  function closed() {
    if (changesPlace) {
      changesPlace = false;
      return;
    }
    document.documentElement.classList.remove("beside");
    openedFrom?.removeAttribute("aria-current");
    openedFrom?.focus();
    if (history.state?.sourcePanel) history.back(); // it was not Back that closed the panel
  }

  // Opens the next or the previous citation of the same turn.
  function step(by) {
    const links = [...openedFrom.closest(".turn").querySelectorAll("a.number")];
    const next = links[links.indexOf(openedFrom) + by];
    if (next) open(next);
  }

  async function open(link) {
    if (!panel) build();
    hidePreview();
    openedFrom?.removeAttribute("aria-current");
    openedFrom = link;
    link.setAttribute("aria-current", "true");
    const links = [...link.closest(".turn").querySelectorAll("a.number")];
    const [previous, next] = panel.querySelectorAll(".steps button");
    previous.disabled = links[0] === link;
    next.disabled = links[links.length - 1] === link;
    const [title, text] = [panel.querySelector("h2"), panel.querySelector(".text")];
    title.textContent = words.opening;
    text.replaceChildren();
    panel.querySelector(".whole").href = link.href;
    if (!panel.open) show();
    const page = await fetchPage(link.href);
    if (openedFrom !== link) return; // another was opened meanwhile
    if (!page) {
      title.textContent = words.failed;
      return;
    }
    title.textContent = page.querySelector("h1").textContent;
    const parts = page.querySelectorAll("main > .changed, main > .facts:first-of-type, main > article");
    const shown = page.querySelector("main article") ? [...parts] : [...page.querySelectorAll("main > p")];
    text.append(...shown.map((part) => document.importNode(part, true)));
    showSentence(text, decodeURIComponent(new URL(link.href).hash.slice(1)));
  }

  // Moves the focus to the cited sentence. Where the text has changed and it is gone, to what says so.
  function showSentence(text, anchor) {
    const changed = text.querySelector(".changed");
    const sentence = text.querySelector(`#${CSS.escape(anchor)}`);
    const target = sentence ?? changed ?? panel.querySelector("h2");
    if (sentence) sentence.classList.add("cited");
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
    if (sentence && changed) changed.setAttribute("role", "status");
  }

  // A page that says that there is no such source is shown too.
  async function fetchPage(address) {
    try {
      const response = await fetch(address);
      if (!response.ok && response.status !== 404) return null;
      return new DOMParser().parseFromString(await response.text(), "text/html");
    } catch (error) {
      console.warn(error);
      return null;
    }
  }

  // The preview: the sentence between its neighbours, while the pointer or the keyboard's focus is on its number. ------
  let preview = null;
  let timer = 0;

  document.addEventListener("pointerover", (event) => {
    const link = event.pointerType === "touch" ? null : citationAt(event.target);
    clearTimeout(timer);
    if (link) timer = setTimeout(() => showPreview(link), PREVIEW_DELAY);
    else if (!(event.target instanceof Element && event.target.closest("#preview"))) hidePreview();
  });
  document.addEventListener("focusin", (event) => {
    const link = citationAt(event.target);
    if (link?.matches(":focus-visible")) showPreview(link);
    else hidePreview();
  });

  function showPreview(link) {
    const around = [...link.parentElement.querySelectorAll(".place p[dir]")];
    if (!around.length || (panel?.open && openedFrom === link)) return;
    hidePreview();
    preview = make("div", { id: "preview", className: "turn" }, ...around.map((part) => part.cloneNode(true)));
    preview.setAttribute("aria-hidden", "true"); // screen readers have it behind the sign at the quotation's end
    const box = link.getBoundingClientRect();
    document.body.append(preview);
    const above = innerHeight - box.bottom < preview.offsetHeight + 8 && box.top > preview.offsetHeight + 8;
    preview.style.insetBlockStart = `${scrollY + (above ? box.top - preview.offsetHeight - 4 : box.bottom + 4)}px`;
    preview.style.insetInlineStart = `${Math.max(8, Math.min(box.left, innerWidth - preview.offsetWidth - 16))}px`;
  }

  // Returns whether there was one.
  function hidePreview() {
    const shown = preview !== null;
    preview?.remove();
    preview = null;
    return shown;
  }
})();
