// Adds controls to a turn: to correct its question, to copy its text with references or a link to it, and to give feedback. The server
// has written the text to copy, which is hidden in the turn.
(() => {
  "use strict";
  const words = JSON.parse(document.currentScript.dataset.words);
  const { make, button, type, post, tokensUpTo, isLast } = window.assessmentConversation; // of kept.js

  document.addEventListener("assistant:turn", ({ detail: turn }) => {
    const understood = turn.querySelector(".understood");
    if (understood) understood.append(" ", button(words.change, () => change(turn)));
    for (const quotation of turn.querySelectorAll(".quotation")) {
      const text = quotation.querySelector(".as-text");
      quotation.querySelector(".place").append(quietControls(button(words.copyQuotation, () => copy(text.textContent))));
    }
    for (const choice of turn.querySelectorAll("a.choice")) askWhenClicked(choice);
    const reply = turn.querySelector(".reply");
    const again = understood ? [] : [button(words.change, () => change(turn))];
    const isProblem = reply.matches(".problem"); // whose question was not understood yet
    again.push(button(words.again, () => ask(questionOf(turn), !isProblem)));
    if (isProblem) {
      reply.append(quietControls(...again));
      return;
    }
    const answer = [...turn.querySelectorAll(".as-text")].pop(); // after those of the quotations
    const taking = make("div", { className: "taking" }, button(words.copy, () => copy(answer.textContent)));
    const shared = turn.querySelector(".share");
    if (shared) {
      const address = shared.querySelector("a").href;
      taking.append(button(words.copyLink, () => copy(address)));
      shared.remove();
      if (reply.matches(".answered") && isLast(turn)) suggest(reply, new URL(address));
    }
    taking.append(...again);
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

  document.addEventListener("assistant:unread", ({ detail: turn }) => {
    turn.querySelector(".again").append(quietControls(button(words.again, () => ask(questionOf(turn)))));
  });

  // The question of a turn, as it stands alone.
  const textOf = (node) => node?.textContent;
  const questionOf = (turn) =>
    textOf(turn.querySelector(".understood bdi")) ?? turn.understood ?? textOf(turn.querySelector(".asked bdi"));

  // Controls that screen readers do not read out when a turn arrives.
  const quietControls = (...children) => {
    const node = make("div", { className: "controls" }, ...children);
    node.setAttribute("aria-live", "off");
    return node;
  };

  // Puts a question into the box, to be read without the earlier turns or with them.
  function fillBox(question, isAlone = true) {
    const box = document.querySelector("#question textarea");
    type(box, question);
    const alone = document.querySelector("#alone input");
    if (alone.checked !== isAlone) alone.click();
    box.focus();
    return box;
  }

  function ask(question, isAlone) {
    fillBox(question, isAlone);
    setTimeout(() => document.querySelector("#ask").click()); // once Gradio has read the box
  }

  function change(turn) {
    const box = fillBox(questionOf(turn));
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
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const judged = { turns: tokensUpTo(turn), helpful: form.helpful, comment: comment.value };
      const reply = await post("feedback", judged);
      const note = make("p", { className: "note said", tabIndex: -1 }, reply.problem ?? reply.said);
      form.querySelector(".said")?.remove();
      if (reply.stored) form.replaceChildren(note);
      else form.append(note);
      note.focus({ preventScroll: true });
    });
    return form;
  }
})();
