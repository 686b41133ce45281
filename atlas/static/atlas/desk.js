/* Comfort on top of a desk that works without it: keys, the step from one changed passage to the next, quoting by selection. */
(() => {
  "use strict";

  const ready = (start) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
    else start();
  };

  ready(() => {
    const passages = [...document.querySelectorAll("[data-passage]")];
    const place = document.querySelector("[data-place]");
    let at = -1;
    const step = (by) => {
      if (!passages.length) return;
      at = Math.min(Math.max(at + by, 0), passages.length - 1);
      const passage = passages[at];
      for (let box = passage.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
      passage.focus({ preventScroll: true });
      passage.scrollIntoView({ block: "center" });
      if (place) place.textContent = `${at + 1} of ${passages.length}`;
    };
    for (const button of document.querySelectorAll("[data-step]")) {
      button.hidden = false;
      button.disabled = !passages.length;
      button.addEventListener("click", () => step(Number(button.dataset.step)));
    }
    document.addEventListener("focusin", (event) => {
      const index = passages.indexOf(event.target);
      if (index >= 0) at = index;
    });

    /* Unfold or fold all sections of a reading. */
    for (const button of document.querySelectorAll("[data-unfold]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const boxes = [...document.querySelectorAll(`${button.dataset.unfold} details`)];
        const open = boxes.some((box) => !box.open);
        for (const box of boxes) box.open = open || box.hasAttribute("data-changed");
        button.textContent = open ? "Fold unchanged" : "Unfold all";
      });
    }

    /* Quoting: a selection in the text becomes start, end and words. The browser counts UTF-16, the text code points. */
    const text = document.querySelector("[data-text]");
    const quoteButton = document.querySelector("[data-quote]");
    const quotes = document.querySelector("[data-quotes]");
    const said = document.querySelector("[data-quote-said]");
    const say = (words) => {
      if (said) said.textContent = words;
    };
    const blocks = text ? [...text.querySelectorAll("[data-start]")] : [];
    const points = (words) => [...words].length;

    /* The selected part of each block, without the white space at the ends: {start, end, exact}, or null. */
    const selected = () => {
      const selection = document.getSelection();
      if (!text || !selection.rangeCount || selection.isCollapsed) return null;
      const range = selection.getRangeAt(0);
      const parts = [];
      for (const block of blocks) {
        if (!range.intersectsNode(block)) continue;
        const inside = document.createRange();
        inside.selectNodeContents(block);
        const before = inside.cloneRange();
        if (range.compareBoundaryPoints(Range.START_TO_START, inside) > 0) inside.setStart(range.startContainer, range.startOffset);
        if (range.compareBoundaryPoints(Range.END_TO_END, inside) < 0) inside.setEnd(range.endContainer, range.endOffset);
        before.setEnd(inside.startContainer, inside.startOffset);
        const words = inside.toString();
        if (words) parts.push({ start: Number(block.dataset.start) + points(before.toString()), words });
      }
      if (!parts.length) return null;
      const exact = parts.map((part) => part.words).join("\n\n");
      const trimmed = exact.trim();
      if (!trimmed) return null;
      const start = parts[0].start + points(exact.slice(0, exact.indexOf(trimmed)));
      return { start, end: start + points(trimmed), exact: trimmed };
    };

    const field = (name, value) => {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      return input;
    };
    const quote = () => {
      const found = selected();
      if (!found || !quotes) return;
      const item = document.createElement("li");
      const words = document.createElement("blockquote");
      words.textContent = found.exact;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "desk-button desk-button--small";
      remove.textContent = "Remove";
      remove.addEventListener("click", () => item.remove());
      item.append(field("quote_start", found.start), field("quote_end", found.end), field("quote_exact", found.exact), words, remove);
      if (!quotes.children.length) quotes.textContent = "";
      quotes.append(item);
      document.getSelection().removeAllRanges();
      say(`Quoted: ${points(found.exact)} characters.`);
    };
    if (quoteButton) {
      quoteButton.hidden = false;
      document.addEventListener("selectionchange", () => {
        quoteButton.disabled = !selected();
      });
      quoteButton.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the selection
      quoteButton.addEventListener("click", quote);
    }

    const focus = (id) => {
      const field = document.getElementById(id);
      if (!field) return false;
      field.focus();
      return true;
    };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest("input, textarea, select, [contenteditable]")) {
        if (event.key === "Escape") event.target.blur();
        return;
      }
      if (event.key === "n") step(1);
      else if (event.key === "p") step(-1);
      else if (event.key === "q" && quoteButton) quote();
      else if (event.key === "w" && focus("id_words")) return event.preventDefault();
      else if (event.key === "o" && focus("id_note")) return event.preventDefault();
      else return;
      event.preventDefault();
    });
  });
})();
