/* Comfort on top of a desk that works without it: keys, and the step from one changed passage to the next. */
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
      button.disabled = !passages.length;
      button.addEventListener("click", () => step(Number(button.dataset.step)));
    }
    document.addEventListener("focusin", (event) => {
      const index = passages.indexOf(event.target);
      if (index >= 0) at = index;
    });

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
      else if (event.key === "w" && focus("id_words")) return event.preventDefault();
      else if (event.key === "o" && focus("id_note")) return event.preventDefault();
      else return;
      event.preventDefault();
    });
  });
})();
