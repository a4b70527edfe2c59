package cli

import (
	"fmt"
	"time"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// showWhy prints each enrollment of a contact with the reasons that hold it back.
func (s *session) showWhy(all []operator.Why) error {
	for i, why := range all {
		if i > 0 {
			s.sayf("")
		}
		for _, line := range whyLines(why) {
			s.sayf("%s", line)
		}
	}
	return s.show(all, nil)
}

// whyLines say why one mail has not left yet: the answer, when it is expected, and the rest.
func whyLines(why operator.Why) []string {
	who := fmt.Sprintf("%s in %s", why.Contact, why.Campaign)
	if why.StepID != "" {
		who += fmt.Sprintf(", step %s (mail %d of %d)", why.StepID, why.Mail, why.Mails)
	}
	if why.Account != "" {
		who += ", from " + why.Account
	}
	lines := []string{who}
	say := func(label, text string) {
		if text != "" {
			lines = append(lines, fmt.Sprintf("%-22s  %s", label, text))
		}
	}
	if len(why.Reasons) == 0 {
		say("not held back", "it may leave now")
	}
	for i, reason := range why.Reasons {
		label := "not sent yet because"
		if i > 0 {
			label = "and then"
		}
		say(label, reasonText(reason, why.Before))
	}
	if why.Earliest != nil && why.Latest != nil {
		expected := print.Moment(*why.Earliest)
		if why.Latest.Sub(*why.Earliest) >= time.Minute {
			expected = "between " + expected + " and " + print.Moment(*why.Latest)
		}
		say("expected", expected)
	}
	if why.Due != nil {
		say("due", print.Moment(*why.Due))
	}
	if why.Zone != "" {
		say("the recipient's zone", fmt.Sprintf("%s (by %s)", why.Zone, why.ZoneBy))
	}
	if why.Today != nil {
		say("today", waterfallText(*why.Today))
	}
	return lines
}

// reasonText is one reason with its end.
func reasonText(reason operator.WhyReason, before int) string {
	text := operator.LimitText(reason.Reason)
	if reason.Reason == operator.InLine {
		text = fmt.Sprintf("%s before it in the line", isOrAre(before, "mail"))
	}
	if reason.Detail != "" {
		text += ": " + reason.Detail
	}
	if reason.Until != nil && reason.Reason != operator.InLine {
		text += ", until " + print.Moment(*reason.Until)
	}
	return text
}

func isOrAre(count int, one string) string {
	if count == 1 {
		return "1 " + one + " is"
	}
	return print.Plural(count, one) + " are"
}
