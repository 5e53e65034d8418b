// What can be done with a turn: its question corrected, its words copied with their references, and feedback given.
// What is copied was written by the server and travels in the turn, unseen; nothing is put together here.
(() => {
  "use strict";
  const words = JSON.parse(document.currentScript.dataset.words);
  let sent = 0; // messages sent to the server, numbered so that no two are the same text

  document.addEventListener("assistant:turn", ({ detail: turn }) => {
    const understood = turn.querySelector(".understood");
    if (understood) understood.append(" ", button(words.change, () => change(understood)));
    for (const quotation of turn.querySelectorAll(".quotation")) {
      const text = quotation.querySelector(".as-text");
      quotation.querySelector(".place").append(aside(button(words.copyQuotation, () => copy(text))));
    }
    for (const choice of turn.querySelectorAll("a.choice")) {
      choice.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        ask(choice.textContent);
      });
    }
    const reply = turn.querySelector(".reply:not(.problem)");
    if (!reply) return;
    const answer = turn.querySelector(":scope > .as-text");
    reply.append(aside(button(words.copy, () => copy(answer)), feedback(turn)));
  });

  function made(tag, properties = {}, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }

  const button = (label, act) => {
    const node = made("button", { type: "button", className: "act" }, label);
    node.addEventListener("click", act);
    return node;
  };

  // Controls are not read out when a turn arrives: the answer is.
  const aside = (...children) => {
    const node = made("div", { className: "controls" }, ...children);
    node.setAttribute("aria-live", "off");
    return node;
  };

  // Gradio listens to what is typed.
  function type(field, text) {
    const prototype = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(prototype.prototype, "value").set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Puts a question that stands alone into the box.
  function put(question) {
    const box = document.querySelector("#question textarea");
    type(box, question);
    const alone = document.querySelector("#alone input");
    if (!alone.checked) alone.click();
    box.focus();
    return box;
  }

  function ask(question) {
    put(question);
    setTimeout(() => document.querySelector("#ask").click()); // once Gradio has seen what is in the box
  }

  function change(understood) {
    const box = put(understood.querySelector("bdi").textContent);
    box.setSelectionRange(box.value.length, box.value.length);
  }

  function announcer() {
    return (
      document.getElementById("announcer") ||
      document.body.appendChild(made("div", { id: "announcer", className: "unseen", role: "status" }))
    );
  }

  function announce(said) {
    const place = announcer();
    place.textContent = "";
    requestAnimationFrame(() => (place.textContent = said));
  }

  async function copy(source) {
    const text = source.textContent;
    const said = (await written(text)) ? words.copied : words.notCopied;
    announce(said);
    const control = document.activeElement;
    if (!(control instanceof HTMLButtonElement)) return;
    const label = control.textContent;
    control.textContent = said;
    setTimeout(() => (control.textContent = label), 4000);
  }

  // A page in a frame may not be allowed the clipboard; selecting and copying still is, in most browsers.
  async function written(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const back = document.activeElement;
      const field = made("textarea", { value: text, className: "unseen", readOnly: true });
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      back.focus({ preventScroll: true });
      return done;
    }
  }

  function feedback(turn) {
    const number = Number(turn.id.replace("turn-", ""));
    const comment = made("textarea", { id: `comment-${number}`, maxLength: 2000, rows: 2 });
    const choices = [
      [words.helpful, true],
      [words.unhelpful, false],
    ].map(([label, helpful]) => {
      const choice = button(label, () => {
        form.helpful = helpful;
        for (const one of choices) one.setAttribute("aria-pressed", String(one === choice));
        more.hidden = false;
        comment.focus();
      });
      choice.setAttribute("aria-pressed", "false");
      return choice;
    });
    const more = made(
      "div",
      { className: "more", hidden: true },
      made("label", { htmlFor: comment.id }, words.comment),
      comment,
      made("p", { className: "note" }, words.kept),
      made("button", { type: "submit", className: "act" }, words.send),
    );
    const question = made("legend", {}, words.wasHelpful);
    const form = made("form", { className: "feedback" }, made("fieldset", {}, question, ...choices, more));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      sent += 1;
      form.dataset.sent = sent;
      const wire = document.querySelector("#wire textarea, #wire input");
      type(wire, JSON.stringify({ number: sent, turn: number, helpful: form.helpful, comment: comment.value }));
    });
    return form;
  }

  // The server's word on feedback comes as the number it was sent with and a text.
  new MutationObserver(() => {
    const reply = document.querySelector("#wire-reply [id^='reply-']");
    const form = reply && document.querySelector(`form[data-sent="${reply.id.replace("reply-", "")}"]`);
    if (!form) return;
    const said = made("p", { className: "note", tabIndex: -1 }, reply.textContent);
    const taken = reply.classList.contains("taken");
    reply.removeAttribute("id");
    if (taken) form.replaceChildren(said);
    else form.append(said);
    said.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true });

  // An exported conversation comes as its name, its type, and its bytes in base64.
  new MutationObserver(() => {
    const none = document.querySelector("#export-reply .none");
    if (none) {
      announce(none.textContent);
      none.remove();
    }
    const delivered = document.querySelector("#export-reply .export");
    if (!delivered) return;
    const [name, media, data] = [...delivered.children].map((part) => part.textContent);
    delivered.remove();
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const address = URL.createObjectURL(new Blob([bytes], { type: media }));
    made("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  }).observe(document.body, { childList: true, subtree: true });
})();
