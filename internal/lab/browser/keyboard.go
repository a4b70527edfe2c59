package browser

import "github.com/chromedp/chromedp/kb"

// reachable numbers what the keyboard should reach, in the order of the page.
const reachable = `(() => {
	window.reached = [];
	const shown = e => e.checkVisibility({visibilityProperty: true});
	const outside = e => {
		const box = e.getBoundingClientRect();
		return box.width === 0 || box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth;
	};
	window.wanted = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter(e => shown(e) && !e.disabled);
	document.addEventListener("focusin", ({target}) => {
		const style = getComputedStyle(target), thin = style.outlineStyle !== "auto" && parseFloat(style.outlineWidth) < 2;
		const unmarked = !target.matches(":focus-visible") || style.outlineStyle === "none" || thin;
		window.reached.push([window.wanted.indexOf(target), unmarked ? "shows no focus" : "", outside(target)]);
	});
	document.addEventListener("focusout", ({target}) => { // by now it has been scrolled to; a skip link is in sight before
		const last = window.reached.at(-1);
		if (last && last[2] && outside(target)) last[1] += " is out of sight";
	});
	return window.wanted.length;
})()`

const walked = `(() => {
	document.activeElement.blur();
	const name = e => e ? e.outerHTML.slice(0, 120) : "something else";
	const wrong = window.reached.filter(([, problem]) => problem).map(([i, problem]) => name(window.wanted[i]) + " " + problem);
	const order = window.reached.map(([i]) => i);
	window.wanted.forEach((e, i) => { if (order[i] !== i) wrong.push("Tab " + (i + 1) + " reaches " + name(window.wanted[order[i]]) + " and not " + name(e)); });
	return wrong.slice(0, 10);
})()`

// Keyboard walks through the page with the tabulator, from its start: what is wrong
// with the order, or with how the focus is shown. It is for a page that was just loaded.
func (tab *Tab) Keyboard() []string {
	tab.t.Helper()
	for range Ask[int](tab, reachable) {
		tab.Key(kb.Tab)
	}
	return Ask[[]string](tab, walked)
}

// SkipLink follows the page's first link with the keyboard: it leads to the target, and
// the next Tab into it.
func (tab *Tab) SkipLink(target string) (wrong []string) {
	tab.t.Helper()
	Ask[bool](tab, `(document.querySelector("a[href]").focus(), true)`)
	tab.Key(kb.Enter)
	if hash := Ask[string](tab, "location.hash"); hash != target {
		return []string{"the first link leads to " + hash + " and not to " + target}
	}
	tab.Key(kb.Tab)
	const outside = `(target => {
		const inside = window.wanted.filter(e => target.contains(e));
		return inside.length === 0 || document.activeElement === inside[0];
	})`
	if !Ask[bool](tab, outside+"(document.querySelector("+quote(target)+"))") {
		wrong = append(wrong, "after the skip link, Tab does not reach the first field or link of "+target)
	}
	Ask[bool](tab, `(document.activeElement.blur(), true)`) // a skip link in sight covers what is below it
	return wrong
}
