// The document as it is shown: one string of HTML. Open shadow trees stand in their hosts, with what is put into their slots;
// an iframe that was numbered stands as <!--atlas-frame-N-->, in whose place its own document is written.
(() => {
  const doctype = document.doctype ? `<!doctype ${document.doctype.name}>\n` : "";
  const root = document.documentElement;
  if (!root) return doctype;
  const plain = () => doctype + root.outerHTML;
  const all = document.querySelectorAll("*");
  let special = false;
  for (const element of all) {
    if (element.shadowRoot || element.hasAttribute("data-atlas-frame")) { special = true; break; }
  }
  if (!special) return plain();

  const EMPTY = new Set("area base br col embed hr img input link meta param source track wbr".split(" "));
  const RAW = new Set("script style xmp iframe noembed noframes plaintext noscript".split(" "));
  const text = (value) => value.replace(/&/g, "&amp;").replace(/\u00a0/g, "&nbsp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const value = (each) => each.replace(/&/g, "&amp;").replace(/\u00a0/g, "&nbsp;").replace(/"/g, "&quot;");
  const out = [];
  const write = (node, raw) => {
    if (node.nodeType === Node.TEXT_NODE) { out.push(raw ? node.data : text(node.data)); return; }
    if (node.nodeType === Node.COMMENT_NODE) { out.push(`<!--${node.data}-->`); return; }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const name = node.localName;
    if (name === "iframe" && node.hasAttribute("data-atlas-frame")) {
      out.push(`<!--atlas-frame-${node.getAttribute("data-atlas-frame")}-->`);
      return;
    }
    if (name === "template") { out.push(node.outerHTML); return; }
    out.push("<", name);
    for (const attribute of node.attributes) out.push(" ", attribute.name, '="', value(attribute.value), '"');
    out.push(">");
    if (EMPTY.has(name)) return;
    let children = node.childNodes;
    if (node.shadowRoot) children = node.shadowRoot.childNodes;
    else if (name === "slot" && node.getRootNode() instanceof ShadowRoot) {
      const given = node.assignedNodes();
      if (given.length) children = given;
    }
    for (const child of children) write(child, RAW.has(name));
    out.push("</", name, ">");
  };
  try {
    write(root, false);
  } catch (error) {
    if (error instanceof RangeError) return plain();  // nested deeper than we can follow
    throw error;
  }
  return doctype + out.join("");
})()
