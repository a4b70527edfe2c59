package browser

const overflow = `(() => {
	const width = document.documentElement.clientWidth;
	const scrolls = e => { for (; e; e = e.parentElement) if (["auto", "scroll"].includes(getComputedStyle(e).overflowX)) return true; return false; };
	const name = e => e.outerHTML.slice(0, 120);
	if (document.scrollingElement.scrollWidth <= width) return [];
	const wide = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > width + 0.5 && !scrolls(e.parentElement));
	return [document.scrollingElement.scrollWidth + " px in a window of " + width, ...wide.map(name)];
})()`

// Overflow is what makes the page scroll sideways; what stands in a scroller of its own does not.
func (tab *Tab) Overflow() []string {
	tab.t.Helper()
	return Ask[[]string](tab, overflow)
}

const small = `(() => {
	const shown = e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
	const inSentence = e => { // WCAG 2.5.8: a target in a sentence is as high as its line
		let block = e.parentElement;
		while (getComputedStyle(block).display === "inline") block = block.parentElement;
		const rest = [...block.querySelectorAll("a, button, input, select, label")].reduce((text, part) => text.replace(part.innerText || "\0", ""), block.innerText);
		return e.tagName === "A" && /\p{L}/u.test(rest);
	};
	return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]")].filter(shown).filter(e => {
		const box = (["checkbox", "radio"].includes(e.type) && e.closest("label") || e).getBoundingClientRect();
		return (box.width < 24 || box.height < 24) && !e.matches(".skip:not(:focus)") && !inSentence(e);
	}).map(e => { const box = e.getBoundingClientRect(); return Math.round(box.width) + " by " + Math.round(box.height) + ": " + e.outerHTML.slice(0, 120); });
})()`

// SmallTargets are links, buttons and fields under 24 by 24 pixels, but for links
// within a sentence.
func (tab *Tab) SmallTargets() []string {
	tab.t.Helper()
	return Ask[[]string](tab, small)
}

const moving = `[...document.querySelectorAll("*")].filter(e => {
	const style = getComputedStyle(e);
	return style.transitionDuration.split(",").some(d => parseFloat(d) > 0) || style.animationName !== "none" || style.scrollBehavior === "smooth";
}).map(e => e.outerHTML.slice(0, 120))`

// Moving is what moves by itself.
func (tab *Tab) Moving() []string {
	tab.t.Helper()
	return Ask[[]string](tab, moving)
}
