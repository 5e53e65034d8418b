// On the page of a transcript: moves the focus to the sentence in the URL, and adds a button that copies its quotation.
// The server has written the text to copy. The page works without this script.
(() => {
  "use strict";

  // A sentence is not a control, so only a script can give it the focus, from where the keyboard continues.
  function focusSentence() {
    const sentence = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!sentence || !sentence.matches(".sentence")) return;
    sentence.setAttribute("tabindex", "-1");
    sentence.focus({ preventScroll: true });
    sentence.scrollIntoView({ block: "center" });
  }

  const box = document.querySelector(".citation");
  if (box) addCopyButton(box, box.querySelector(".to-copy").textContent, box.dataset);

  function addCopyButton(box, text, words) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "act";
    button.textContent = words.copyQuotation;
    button.addEventListener("click", async () => {
      const copied = await copy(text);
      if (!copied) showSelected(box, text, words.copyQuotation);
      announce(box.querySelector(".said"), copied ? words.copied : words.notCopied);
    });
    box.querySelector("nav").before(button);
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false; // not allowed here, or no secure origin
    }
  }

  // Shows the text, selected, for the reader to copy.
  function showSelected(box, text, label) {
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

  // Empties the element first, so that a repeated message is announced again.
  function announce(status, message) {
    status.textContent = "";
    requestAnimationFrame(() => (status.textContent = message));
  }

  addEventListener("hashchange", focusSentence);
  focusSentence();
})();
