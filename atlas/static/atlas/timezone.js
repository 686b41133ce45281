/* The browser's own time zone, for the hidden field of the sign-up form. Without it the account starts in UTC. */
for (const field of document.querySelectorAll("[data-time-zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}
