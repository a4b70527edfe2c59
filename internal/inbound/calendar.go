package inbound

import (
	"strings"

	"relance/internal/inbound/pattern"
)

var (
	calendarMethod = pattern.New(`(?im)^METHOD:[ \t]*([A-Z-]+)`)
	partStat       = pattern.New(`(?i)PARTSTAT=([A-Z-]+)`)
)

// invitation says whether a mail is an invitation, or the answer to one (RFC 5546, RFC
// 6047): it has a calendar part with a method. A calendar file without one is attached.
func invitation(m Mail) (Verdict, bool) {
	for _, p := range m.Parts {
		if p.Type != "text/calendar" && p.Type != "application/ics" && !strings.HasSuffix(strings.ToLower(p.Filename), ".ics") {
			continue
		}
		method := strings.ToUpper(p.Params["method"])
		if found := calendarMethod.FindStringSubmatch(p.Content); found != nil {
			method = strings.ToUpper(found[1])
		}
		if method == "" || method == "PUBLISH" {
			continue
		}
		v := Verdict{Kind: Calendar, Words: "METHOD:" + method, Reason: "it is a message of a calendar (RFC 5546): METHOD:" + method}
		if answer := partStat.FindStringSubmatch(p.Content); answer != nil && method == "REPLY" {
			v.Reason += ", " + strings.ToLower(answer[1])
			v.Words += " PARTSTAT=" + strings.ToUpper(answer[1])
		}
		return v, true
	}
	return Verdict{}, false
}
