/* Comfort on top of pages that work without it: choice of theme, keys, copying a citation. Nothing here is needed to read or to act. */
(() => {
  "use strict";

  const root = document.documentElement;
  const said = document.getElementById("said");
  const say = (words) => {
    if (said) said.textContent = words;
  };

  /* Theme: as the system, light, dark. */
  const order = ["auto", "light", "dark"];
  const names = { auto: "as the system", light: "light", dark: "dark" };
  const toggle = document.querySelector("[data-theme-toggle]");
  const current = () => root.dataset.theme || "auto";
  if (toggle) {
    const label = () => {
      toggle.textContent = `Colours: ${names[current()]}`;
    };
    toggle.hidden = false;
    label();
    toggle.addEventListener("click", () => {
      const next = order[(order.indexOf(current()) + 1) % order.length];
      if (next === "auto") delete root.dataset.theme;
      else root.dataset.theme = next;
      try {
        if (next === "auto") localStorage.removeItem("theme");
        else localStorage.setItem("theme", next);
      } catch {
        /* Not remembered, then. */
      }
      label();
    });
  }

  /* Menus made of <details> close on Escape and on a click elsewhere. */
  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });

  /* Copying: what is copied stands on the page as well. */
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      const label = button.dataset.label || button.textContent.trim();
      button.dataset.label = label;
      try {
        await navigator.clipboard.writeText(source.innerText.trim());
        button.textContent = "Copied";
        say("Copied");
      } catch {
        button.textContent = "Not copied: select the words instead";
      }
      setTimeout(() => {
        button.textContent = label;
      }, 2000);
    });
  }

  /* n and p: from one changed passage to the next. */
  const passages = [...document.querySelectorAll("[data-passage]")];
  let at = -1;
  const step = (by) => {
    if (!passages.length) return;
    at = Math.min(Math.max(at + by, 0), passages.length - 1);
    const passage = passages[at];
    for (let box = passage.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    passage.focus({ preventScroll: true });
    passage.scrollIntoView({ block: "center" });
    say(`Passage ${at + 1} of ${passages.length}`);
  };
  for (const button of document.querySelectorAll("[data-step]")) {
    button.hidden = passages.length < 2;
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
      const boxes = [...document.querySelectorAll(`${button.dataset.unfold} details, details${button.dataset.unfold}`)];
      const open = boxes.some((box) => !box.open);
      for (const box of boxes) box.open = open;
      button.textContent = open ? "Fold unchanged" : "Unfold all";
      if (!open) for (const box of boxes) box.open = box.hasAttribute("data-changed");
    });
  }

  /* Select elements that send their form when they change. */
  for (const field of document.querySelectorAll("[data-submit-on-change]")) {
    field.addEventListener("change", () => field.form.requestSubmit());
  }

  /* ? lists the keys. */
  const help = document.getElementById("key-help");
  const opener = document.querySelector("[data-key-help]");
  if (opener && help) {
    opener.hidden = false;
    opener.addEventListener("click", () => help.showModal());
  }
  const singles = document.querySelector("[data-single-keys]");
  let keysOn = true;
  try {
    keysOn = localStorage.getItem("keys") !== "off";
  } catch {
    /* Then they are on. */
  }
  if (singles) {
    singles.checked = keysOn;
    singles.addEventListener("change", () => {
      keysOn = singles.checked;
      try {
        if (keysOn) localStorage.removeItem("keys");
        else localStorage.setItem("keys", "off");
      } catch {
        /* Not remembered, then. */
      }
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of menus()) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
      return;
    }
    if (!keysOn || event.ctrlKey || event.metaKey || event.altKey || help?.open) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "?" && help) help.showModal();
    else if (event.key === "n") step(1);
    else if (event.key === "p") step(-1);
    else if (event.key === "c") document.querySelector("[data-copy]:not([hidden])")?.click();
    else return;
    event.preventDefault();
  });
})();
