// How far the page has come, asked again and again: [loaded, a number for its text, words, whether what is waited for is there].
((selectors) => {
  const shown = document.body ? document.body.innerText : "";
  let number = shown.length;
  for (let at = 0; at < shown.length; at++) number = (Math.imul(number, 31) + shown.charCodeAt(at)) | 0;
  const words = (shown.match(/\S+/g) || []).length;
  const there = selectors.some((selector) => {
    try {
      return [...document.querySelectorAll(selector)].some((found) => found.textContent.trim() !== "");
    } catch (error) {
      return false;  // not a selector that a browser knows
    }
  });
  return [document.readyState !== "loading", number, words, there];
})
