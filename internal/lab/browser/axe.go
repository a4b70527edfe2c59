package browser

import (
	_ "embed"

	"github.com/chromedp/cdproto/emulation"
)

// axe is the engine of accessibility rules.
//
//go:embed testdata/axe-core/axe.min.js
var axe string

const axeRun = `(async () => {
	const found = await axe.run(document, {
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"],
	});
	return found.violations.flatMap(v => v.nodes.map(n => v.id + ": " + v.help + ": " + n.target.join(" ") + ": " + n.html.slice(0, 160) + ": " + (n.failureSummary || "").replace(/\s+/g, " ")));
})()`

// Axe is what axe-core finds wrong with the page as it is looked at now: the rules of
// WCAG 2.2 A and AA and best practice.
func (tab *Tab) Axe() []string {
	tab.t.Helper()
	if tab.options.NoScript { // its timers are scripts; those of the page have not been run and do not begin now
		call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
		defer call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
	if !Ask[bool](tab, `typeof axe === "object"`) {
		Ask[bool](tab, axe+";\ntrue")
	}
	return Ask[[]string](tab, axeRun)
}
