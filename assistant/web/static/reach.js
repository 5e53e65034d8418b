// Says, in the conversation, when a question did not reach the server or its answer does not come: too many questions,
// answering closed, the server gone, or a proxy that holds back the stream of events. Gradio would say it in passing.
(() => {
  "use strict";
  const words = JSON.parse(document.currentScript.dataset.words);
  const JOIN = "/gradio_api/queue/join";
  const ONCE = 3000; // milliseconds within which a second failure is of the same question
  const PATIENCE = 20000; // milliseconds after which an answer is late
  const plainFetch = window.fetch;
  let saidAt = -ONCE;
  let waiting = 0;

  window.fetch = async (input, options) => {
    const address = input instanceof Request ? input.url : String(input);
    if (!address.includes(JOIN)) return plainFetch(input, options);
    const question = document.querySelector("#question textarea")?.value ?? "";
    const [reply, wrong] = await sent(input, options);
    if (!wrong) {
      expect(question);
      return reply;
    }
    say(question, wrong);
    // Gradio asks again after a reply of this kind; after others it takes no further question.
    return new Response(JSON.stringify({ detail: wrong }), { status: 429, headers: { "Content-Type": "application/json" } });
  };

  async function sent(input, options) {
    try {
      const reply = await plainFetch(input, options);
      return [reply, reply.ok ? "" : await reason(reply)];
    } catch {
      return [null, words.unreachable];
    }
  }

  document.addEventListener("assistant:turn", () => clearTimeout(waiting));

  // Only a question that is still being looked for can be late: other events of the page join the queue too.
  function expect(question) {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (document.querySelector("#searching:not(:empty)")) say(question, words.late, words.plain);
    }, PATIENCE);
  }

  async function reason(reply) {
    if (reply.headers.get("content-type")?.startsWith("application/json")) {
      const { error } = await reply.json();
      if (typeof error === "string") return error;
    }
    return words.busy;
  }

  function made(tag, className, ...children) {
    const node = document.createElement(tag);
    node.className = className;
    node.append(...children);
    return node;
  }

  function say(question, text, link) {
    const log = document.getElementById("conversation");
    const now = performance.now();
    if (!log || now - saidAt < ONCE) return;
    saidAt = now;
    const reply = made("div", "reply problem", made("h3", "outcome", words.heading), made("p", "reason", text));
    if (link) {
      const plain = made("a", "", link);
      plain.href = `/ask?q=${encodeURIComponent(question)}`;
      reply.append(made("p", "", plain));
    }
    const asked = question.trim() ? [made("h2", "asked", made("bdi", "", question))] : [];
    document.dispatchEvent(new CustomEvent("assistant:problem"));
    document.documentElement.classList.add("begun");
    log.append(made("article", "turn", ...asked, reply));
  }
})();
