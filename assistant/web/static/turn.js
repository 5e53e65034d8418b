// Adds controls to a turn: to correct its question, to copy its text with references or a link to it, and to give feedback. The server
// has written the text to copy, which is hidden in the turn.
(() => {
  "use strict";
  const words = JSON.parse(document.currentScript.dataset.words);
  let messages = 0; // sent to the server, and numbered so that no two have the same text

  document.addEventListener("assistant:turn", ({ detail: turn }) => {
    const understood = turn.querySelector(".understood");
    if (understood) understood.append(" ", button(words.change, () => change(understood)));
    for (const quotation of turn.querySelectorAll(".quotation")) {
      const text = quotation.querySelector(".as-text");
      quotation.querySelector(".place").append(quietControls(button(words.copyQuotation, () => copy(text.textContent))));
    }
    for (const choice of turn.querySelectorAll("a.choice")) askWhenClicked(choice);
    const reply = turn.querySelector(".reply:not(.problem)");
    if (!reply) return;
    const answer = turn.querySelector(":scope > .as-text");
    const taking = make("div", { className: "taking" }, button(words.copy, () => copy(answer.textContent)));
    const shared = turn.querySelector(".share");
    if (shared) {
      const address = shared.querySelector("a").href;
      taking.append(button(words.copyLink, () => copy(address)));
      shared.remove();
      if (reply.matches(".answered")) suggest(reply, new URL(address));
    }
    reply.append(quietControls(taking, feedback(turn)));
  });

  function askWhenClicked(link) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      ask(link.textContent);
    });
  }

  // Adds questions to ask next, below an answer that has the address `shared`. The server has asked each of them.
  async function suggest(reply, shared) {
    const response = await fetch(shared.pathname.replace(/ask$/, "suggestions") + shared.search).catch(() => null);
    const questions = response?.ok ? await response.json() : [];
    if (!questions.length) return;
    const links = questions.map((question) => {
      const address = new URL(shared);
      address.searchParams.set("q", question);
      for (const name of ["index", "quotes"]) address.searchParams.delete(name);
      const link = make("a", { className: "choice", href: address }, make("bdi", {}, question));
      askWhenClicked(link);
      return make("li", {}, link);
    });
    const section = quietControls(make("h4", {}, words.next), make("ul", {}, ...links));
    section.className = "choices next";
    reply.append(section);
  }

  function make(tag, properties = {}, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }

  const button = (label, act) => {
    const node = make("button", { type: "button", className: "act" }, label);
    node.addEventListener("click", act);
    return node;
  };

  // Controls that screen readers do not read out when a turn arrives.
  const quietControls = (...children) => {
    const node = make("div", { className: "controls" }, ...children);
    node.setAttribute("aria-live", "off");
    return node;
  };

  // Sets the value of a field as if it had been typed, which Gradio listens for.
  function type(field, text) {
    const prototype = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(prototype.prototype, "value").set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Puts a question into the box, to be read without the earlier turns.
  function fillBox(question) {
    const box = document.querySelector("#question textarea");
    type(box, question);
    const alone = document.querySelector("#alone input");
    if (!alone.checked) alone.click();
    box.focus();
    return box;
  }

  function ask(question) {
    fillBox(question);
    setTimeout(() => document.querySelector("#ask").click()); // once Gradio has read the box
  }

  function change(understood) {
    const box = fillBox(understood.querySelector("bdi").textContent);
    box.setSelectionRange(box.value.length, box.value.length);
  }

  function announcer() {
    return (
      document.getElementById("announcer") ||
      document.body.appendChild(make("div", { id: "announcer", className: "unseen", role: "status" }))
    );
  }

  function announce(message) {
    const status = announcer();
    status.textContent = "";
    requestAnimationFrame(() => (status.textContent = message));
  }

  async function copy(text) {
    const message = (await writeToClipboard(text)) ? words.copied : words.notCopied;
    announce(message);
    const control = document.activeElement;
    if (!(control instanceof HTMLButtonElement)) return;
    const label = control.textContent;
    control.textContent = message;
    setTimeout(() => (control.textContent = label), 4000);
  }

  // A page in a frame may not be allowed to use the clipboard. Most browsers still allow it to copy a selection.
  async function writeToClipboard(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const focused = document.activeElement;
      const field = make("textarea", { value: text, className: "unseen", readOnly: true });
      document.body.append(field);
      field.select();
      const copied = document.execCommand("copy");
      field.remove();
      focused.focus({ preventScroll: true });
      return copied;
    }
  }

  function feedback(turn) {
    const number = Number(turn.id.replace("turn-", ""));
    const comment = make("textarea", { id: `comment-${number}`, maxLength: 2000, rows: 2 });
    const choices = [
      [words.helpful, true],
      [words.unhelpful, false],
    ].map(([label, helpful]) => {
      const choice = button(label, () => {
        form.helpful = helpful;
        for (const other of choices) other.setAttribute("aria-pressed", String(other === choice));
        more.hidden = false;
        comment.focus();
      });
      choice.setAttribute("aria-pressed", "false");
      return choice;
    });
    const more = make(
      "div",
      { className: "more", hidden: true },
      make("label", { htmlFor: comment.id }, words.comment),
      comment,
      make("p", { className: "note" }, words.kept),
      make("button", { type: "submit", className: "act" }, words.send),
    );
    const question = make("legend", {}, words.wasHelpful);
    const form = make("form", { className: "feedback" }, make("fieldset", {}, question, ...choices, more));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      messages += 1;
      form.dataset.sent = messages;
      const wire = document.querySelector("#wire textarea, #wire input");
      type(wire, JSON.stringify({ number: messages, turn: number, helpful: form.helpful, comment: comment.value }));
    });
    return form;
  }

  // The server's response to feedback is the number of the message and a text.
  new MutationObserver(() => {
    const reply = document.querySelector("#wire-reply [id^='reply-']");
    const form = reply && document.querySelector(`form[data-sent="${reply.id.replace("reply-", "")}"]`);
    if (!form) return;
    const note = make("p", { className: "note", tabIndex: -1 }, reply.textContent);
    const taken = reply.classList.contains("taken");
    reply.removeAttribute("id");
    if (taken) form.replaceChildren(note);
    else form.append(note);
    note.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true });

  // An exported conversation arrives as its file name, its media type, and its bytes in base64.
  new MutationObserver(() => {
    const none = document.querySelector("#export-reply .none");
    if (none) {
      announce(none.textContent);
      none.remove();
    }
    const delivered = document.querySelector("#export-reply .export");
    if (!delivered) return;
    const [name, mediaType, data] = [...delivered.children].map((part) => part.textContent);
    delivered.remove();
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const address = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
    make("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  }).observe(document.body, { childList: true, subtree: true });
})();
