"""JavaScript that measures in the browser what Playwright has no method for."""

# Collects in `heard` the id of every node that is added to the log.
LISTEN = """() => {
  window.heard = [];
  const log = document.querySelector("[role=log]");
  const hear = records => records.forEach(record => record.addedNodes.forEach(node => heard.push(node.id)));
  new MutationObserver(hear).observe(log, {childList: true, subtree: true});
}"""

# The element with the focus, and whether another element covers its centre.
COVERED = """() => {
  const node = document.activeElement, box = node.getBoundingClientRect();
  const seen = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return [node.tagName, !seen || !(node.contains(seen) || seen.contains(node))];
}"""

# WCAG 2.2, 2.5.8: the texts of controls smaller than 24 by 24 CSS pixels.
SMALL = """() => [...document.querySelectorAll("a, button, textarea, summary")]
  .filter(node => node.checkVisibility())
  .map(node => [node.textContent, node.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([text]) => text)"""

# WCAG 2.2, 1.4.3: the classes and beginnings of texts with a contrast below 4.5 to 1, or 3 to 1 if they are large
# (24 px, or 18.66 px and bold), by its formula for relative luminance.
CONTRAST = """() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) =>
    [r, g, b].map(c => linear(c / 255)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = node => {
    for (let n = node; n; n = n.parentElement) {
      const colour = channels(getComputedStyle(n).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), node = walker.currentNode.parentElement;
    if (!text || !node.checkVisibility() || node.closest("script, style")) continue;
    const style = getComputedStyle(node), size = parseFloat(style.fontSize);
    const [a, b] = [light(channels(style.color)), light(ground(node))].sort((x, y) => y - x);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) low.push([node.className, text.slice(0, 40)]);
  }
  return low;
}"""
