package inbound_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"relance/internal/inbound"
	"relance/internal/lab/docstable"
)

// The rules that outreach and newsletter programs are known to use, re-implemented.
var naive = []struct {
	name string
	hard func(raw string) bool
}{
	{"any line that begins with a status 5.x.x", regexp.MustCompile(`(?m)^(?:Status:[ \t]*)?5\.[0-9]{1,3}\.[0-9]{1,3}\b`).MatchString},
	{"a report whose first Status is 5.x.x", func(raw string) bool {
		first := regexp.MustCompile(`(?mi)^Status:[ \t]*([245])\.`).FindStringSubmatch(raw)
		return first != nil && first[1] == "5"
	}},
	{"a reply code 55x anywhere", regexp.MustCompile(`\b55[0-9][ -]`).MatchString},
	{"“user unknown” or “does not exist” anywhere", regexp.MustCompile(`(?i)user unknown|unknown user|does not exist|no such user`).MatchString},
}

// TestNaiveRules writes what such rules make of the labelled mails beside what Relance does.
func TestNaiveRules(t *testing.T) {
	set := readBounces(t)
	var table strings.Builder
	table.WriteString("| rule | hard | of them rightly | of them wrongly | missed |\n|---|---|---|---|---|\n")
	row := func(name string, hard func(labelled) bool) {
		var flagged, right, missed int
		for _, l := range set {
			switch is := hard(l); {
			case is && l.hard:
				flagged, right = flagged+1, right+1
			case is:
				flagged++
			case l.hard:
				missed++
			}
		}
		fmt.Fprintf(&table, "| %s | %d | %d | %d (%d %%) | %d |\n", name, flagged, right, flagged-right, (100*(flagged-right)+flagged/2)/max(flagged, 1), missed)
	}
	for _, n := range naive {
		row(n.name, func(l labelled) bool { return n.hard(string(l.raw)) })
	}
	row("**Relance**", func(l labelled) bool {
		_, v := inbound.Judge(l.raw, time.Time{}, inbound.Self{})
		return isHard(v)
	})
	hard := len(slices.DeleteFunc(slices.Clone(set), func(l labelled) bool { return !l.hard }))
	docstable.Check(t, "docs/hearing.md", "naive rules", fmt.Sprintf("%d labelled mails, %d of them with a dead address:\n\n%s", len(set), hard, table.String()))
}
