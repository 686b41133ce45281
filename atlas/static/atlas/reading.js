/* Runs before the first paint of a page with a reading: who chose side by side gets it again, where there is room for it. */
(() => {
  "use strict";

  try {
    const address = new URL(location.href);
    const wanted = localStorage.getItem("reading") === "split";
    if (wanted && !address.searchParams.has("view") && matchMedia("(min-width: 48rem)").matches) {
      address.searchParams.set("view", "split");
      location.replace(address);
    }
  } catch {
    /* Storage may be forbidden: then the address alone decides. */
  }

  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-view]");
    if (!choice) return;
    try {
      if (choice.dataset.view === "split") localStorage.setItem("reading", "split");
      else localStorage.removeItem("reading");
    } catch {
      /* Not remembered, then. */
    }
  });
})();
