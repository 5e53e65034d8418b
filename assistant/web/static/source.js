// On the page of a transcript: the focus goes to the sentence the address leads to, and its quotation can be copied.
// Without it the page reads the same; what is copied was written by the server.
(() => {
  "use strict";

  // A sentence is no control, so it takes the focus only from here: the keyboard goes on from it.
  function arrive() {
    const sentence = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!sentence || !sentence.matches(".sentence")) return;
    sentence.setAttribute("tabindex", "-1");
    sentence.focus({ preventScroll: true });
    sentence.scrollIntoView({ block: "center" });
  }

  const box = document.querySelector(".citation");
  if (box) offer(box, box.querySelector(".to-copy").textContent, box.dataset);

  function offer(box, text, words) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "act";
    button.textContent = words.copyQuotation;
    button.addEventListener("click", async () => {
      const done = await written(text);
      if (!done) select(box, text, words.copyQuotation);
      say(box.querySelector(".said"), done ? words.copied : words.notCopied);
    });
    box.querySelector("nav").before(button);
  }

  async function written(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false; // not allowed here, or not a secure address: the text is shown, selected, instead
    }
  }

  function select(box, text, label) {
    let field = box.querySelector("textarea");
    if (!field) {
      field = document.createElement("textarea");
      field.readOnly = true;
      field.rows = 6;
      field.value = text;
      field.setAttribute("aria-label", label);
      box.querySelector(".said").before(field);
    }
    field.focus();
    field.select();
  }

  // Emptied first, so that the same words said again are announced again.
  function say(place, words) {
    place.textContent = "";
    requestAnimationFrame(() => (place.textContent = words));
  }

  addEventListener("hashchange", arrive);
  arrive();
})();
