package browser

import (
	"encoding/json"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
)

// A spot is a place in the window.
type spot struct {
	X, Y float64
	Hit  string // what is there instead; empty when it is the element itself
}

const spotOf = `(selector => {
	const found = [...document.querySelectorAll(selector)];
	if (found.length !== 1) return {Hit: found.length + " elements"};
	found[0].scrollIntoView({block: "center", behavior: "instant"});
	const box = found[0].getBoundingClientRect();
	const at = {X: box.x + box.width / 2, Y: box.y + box.height / 2, Hit: ""};
	const hit = document.elementFromPoint(at.X, at.Y);
	if (!hit) at.Hit = "nothing";
	else if (!found[0].contains(hit) && !hit.contains(found[0])) at.Hit = hit.outerHTML.slice(0, 120);
	return at;
})`

// find is where the one element is that matches, scrolled into view and not covered.
func (tab *Tab) find(selector string) spot {
	tab.t.Helper()
	at := Ask[spot](tab, spotOf+"("+quote(selector)+")")
	if at.Hit != "" {
		tab.t.Fatalf("%s cannot be pointed at: there is %s; the page says: %s", selector, at.Hit, tab.Text())
	}
	return at
}

// Click points at the one element that matches and presses the button of the mouse.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.press(tab.find(selector), 1)
}

// DoubleClick is two clicks, as hands do it that are used to icons.
func (tab *Tab) DoubleClick(selector string) {
	tab.t.Helper()
	at := tab.find(selector)
	tab.press(at, 1)
	tab.press(at, 2)
}

func (tab *Tab) press(at spot, count int64) {
	tab.t.Helper()
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		call(tab, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, ClickCount: count})
	}
}

// Type clicks into the one field that matches, and types the text in place of what is there.
func (tab *Tab) Type(selector, text string) {
	tab.t.Helper()
	tab.Click(selector)
	Ask[bool](tab, `(document.activeElement.select?.(), true)`)
	call(tab, input.InsertText, input.InsertTextParams{Text: text})
	if got := Ask[string](tab, "document.querySelector("+quote(selector)+").value"); got != text {
		tab.t.Fatalf("%s has the text %q and not %q", selector, got, text)
	}
}

// Choose selects an option of a select by its value: with the keyboard, as the list
// that a browser opens is no part of the page.
func (tab *Tab) Choose(selector, value string) {
	tab.t.Helper()
	const steps = `((selector, value) => {
		const field = document.querySelector(selector);
		field.focus({preventScroll: true});
		return [...field.options].findIndex(o => o.value === value) - field.selectedIndex;
	})`
	down := Ask[int](tab, steps+"("+quote(selector)+","+quote(value)+")")
	for ; down > 0; down-- {
		tab.Key(kb.ArrowDown)
	}
	for ; down < 0; down++ {
		tab.Key(kb.ArrowUp)
	}
	if got := Ask[string](tab, "document.querySelector("+quote(selector)+").value"); got != value {
		tab.t.Fatalf("%s has the value %q and not %q", selector, got, value)
	}
}

// Key presses keys of the keyboard, named as in chromedp/kb. A script that takes the
// press of a key for itself keeps it from being typed, as with a real keyboard.
func (tab *Tab) Key(keys string) {
	tab.t.Helper()
	for _, key := range keys {
		events := kb.Encode(key)
		down, up := *events[0], *events[len(events)-1]
		if len(events) == 3 {
			down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
		}
		call(tab, input.DispatchKeyEvent, down)
		call(tab, input.DispatchKeyEvent, up)
	}
}

// Until waits until an expression of JavaScript is true.
func (tab *Tab) Until(expression string) {
	tab.t.Helper()
	late := time.After(patience)
	for again := time.NewTicker(20 * time.Millisecond); !Ask[bool](tab, expression); {
		select {
		case <-again.C:
		case <-late:
			tab.t.Fatalf("waited in vain for %s; the page says: %s", expression, tab.Text())
		}
	}
}

// Text is what a person reads on the page.
func (tab *Tab) Text() string {
	tab.t.Helper()
	return Ask[string](tab, `document.body.innerText.replace(/\s+/g, " ")`)
}

// quote is a text as a literal of JavaScript.
func quote(text string) string {
	literal, _ := json.Marshal(text) // a string always can be
	return string(literal)
}
