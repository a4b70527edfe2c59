package cli

import (
	"strings"
	"time"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// explainMail says what a mail is, as the reader of the mailbox would judge it.
func (s *session) explainMail(name string) error {
	content, err := s.readFile(name)
	if err != nil {
		return err
	}
	mail := operator.ExplainMail(content, nil)
	return s.showExplainedMail(mail)
}

func (s *session) showExplainedMail(m operator.ExplainedMail) error {
	s.sayf("%s: %s", m.Kind, m.Reason)
	if m.From != "" || m.Subject != "" {
		s.sayf("from %s, subject %q", print.OrDash(m.From), m.Subject)
	}
	if a := m.Away; a != nil && !a.Undated {
		last := ""
		if a.Inclusive {
			last = " (" + a.Until.Format(time.DateOnly) + " is the last day of absence)"
		}
		s.sayf("back on %s at the earliest%s", a.Return.Format(time.DateOnly), last)
	}
	if m.Successor != "" {
		s.sayf("write to %s instead", m.Successor)
	}
	for _, of := range []struct {
		what string
		ids  []string
	}{
		{"is about the message", m.Reported.MessageIDs}, {"is about the delivery", m.Reported.RelanceIDs}, {"is about the envelope", m.Reported.EnvelopeIDs}, {"answers", m.InReplyTo},
	} {
		if len(of.ids) > 0 {
			s.sayf("%s %s", of.what, strings.Join(of.ids, ", "))
		}
	}
	if len(m.Recipients) == 0 {
		return s.show(m, nil)
	}
	t := print.NewTable("Recipient", "Class", "Action", "Status", "Reason", "Words")
	for _, r := range m.Recipients {
		t.Add(print.OrDash(r.Address), r.Class, print.OrDash(r.Action), print.OrDash(r.Status), r.Reason, print.OrDash(r.Diagnostic))
	}
	return s.show(m, t)
}
