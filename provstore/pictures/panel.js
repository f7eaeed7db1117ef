/* Describes the selected box: attributes, bundles and neighbours. */

function describe(picture, number) {
  const box = picture.boxes[number];
  const fold = box.fold >= 0 ? picture.data.folds[box.fold] : null;
  const panel = [];
  const heading = fold ? `${box.members.length} ${fold.noun}` : picture.data.nodes[box.members[0]].label;
  panel.push(element("h2", {}, heading));
  if (fold) describeFold(picture, panel, box, fold);
  else describeNode(picture, panel, box.members[0]);
  if (box.away.size) {
    const words = `Show ${counted(Math.min(box.away.size, picture.look.piece), "neighbour")}`;
    const of = box.away.size > picture.look.piece ? ` of ${box.away.size}` : "";
    panel.push(button(words + of, () => picture.expand(number), { class: "pv-main" }));
  }
  const beyond = box.members.reduce((sum, one) => sum + picture.data.nodes[one].more, 0);
  if (beyond) {
    const words = `Beyond the requested depth: ${counted(beyond, "neighbour")}.`;
    panel.push(element("p", { class: "pv-quiet" }, words));
  }
  neighbours(picture, panel, number);
  picture.panel.replaceChildren(...panel);
  picture.panel.scrollTop = 0;
}

function describeFold(picture, panel, box, fold) {
  if (fold.caption) panel.push(element("p", { class: "pv-quiet" }, fold.caption));
  const piece = Math.min(box.members.length, picture.look.piece);
  const words = piece < box.members.length ? `Open ${piece} of them` : "Open";
  panel.push(button(words, () => picture.open(picture.chosen), { class: "pv-main" }));
  const names = box.members.slice(0, picture.look.piece).map((one) => {
    const { label } = picture.data.nodes[one];
    return element("li", {}, button(label, () => picture.reveal(one), { class: "pv-link" }));
  });
  if (box.members.length > names.length) {
    names.push(element("li", { class: "pv-quiet" }, `and ${box.members.length - names.length} more`));
  }
  panel.push(element("ul", {}, ...names));
}

/* A site with pages for elements or bundles sets the start of their addresses around the picture. */
function linked(picture, kind, iri) {
  const start = picture.root.closest(`[data-${kind}]`)?.dataset[kind];
  return start ? element("a", { href: start + encodeURIComponent(iri) }, iri) : iri;
}

function describeNode(picture, panel, number) {
  const node = picture.data.nodes[number];
  const kind = [node.kind, node.sort].filter(Boolean).join(", ");
  panel.push(element("p", { class: "pv-iri" }, linked(picture, "things", node.iri)));
  panel.push(element("p", { class: "pv-quiet" }, [kind, node.time].filter(Boolean).join(" \u00b7 ")));
  for (const mark of node.marks) {
    panel.push(element("p", { class: "pv-mark" }, `${mark}: ${picture.look.marks[mark].words}`));
  }
  if (picture.home.has(number)) {
    panel.push(button("Fold again", () => picture.close(number), {}));
  }
  if (node.facts.length) {
    panel.push(element("h3", {}, "Attributes"));
    panel.push(element("dl", {}, ...node.facts.flatMap(([key, value]) =>
      [element("dt", {}, key), element("dd", {}, value)])));
  }
  if (node.said.length) {
    const said = node.said.map((one) => 
      element("li", {}, linked(picture, "bundles", picture.data.bundles[one])));
    panel.push(element("h3", {}, "Bundles"), element("ul", { class: "pv-said" }, ...said));
  }
}

function neighbours(picture, panel, number) {
  const words = { later: [], earlier: [] };
  for (const link of picture.links) {
    for (const [own, other] of [["later", "earlier"], ["earlier", "later"]]) {
      if (link[own] !== number) continue;
      const box = picture.boxes[link[other]];
      const name = box.fold >= 0 ? picture.wordsOf(link[other])[0][0] : picture.data.nodes[box.members[0]].label;
      const roles = [...new Set(link.lines.map((one) => picture.data.lines[one][3]))].filter(Boolean);
      const said = [...new Set(link.lines.flatMap((one) => picture.data.lines[one][4]))];
      const title = said.length ? `stated by ${said.slice(0, 5).map((one) => picture.data.bundles[one]).join(", ")}` : "";
      words[own].push(element("li", {},
        element("span", { class: "pv-quiet" }, `${link.kind}${roles.length ? ` (${roles.join(", ")})` : ""} `),
        button(name, () => picture.choose(box.members[0]), { class: "pv-link", title })));
    }
  }
  for (const [own, heading] of [["later", "Outgoing relations"], ["earlier", "Incoming relations"]]) {
    if (!words[own].length) continue;
    panel.push(element("h3", {}, heading));
    const list = words[own].slice(0, picture.look.piece);
    if (list.length < words[own].length) {
      list.push(element("li", { class: "pv-quiet" }, `and ${words[own].length - list.length} more`));
    }
    panel.push(element("ul", {}, ...list));
  }
}
