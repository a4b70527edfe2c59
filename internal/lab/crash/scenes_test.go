package crash

import (
	"strconv"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
)

// once is RELANCE_RETRY of rows that are about the last attempt.
const once = "initial=100ms,factor=2,max=400ms,attempts=1"

// to is a scene in which one contact with this address is mailed. The inbox
// misbehaves by address.
func to(address string) func(*stage) {
	return func(s *stage) { s.enroll("mail", address) }
}

func toAda(s *stage) { s.enroll("mail", "ada@contoso.example") }

// paced mails a contact from an account that has a pace.
func paced(s *stage) { s.enroll("paced", "ada@contoso.example") }

func toOwner(s *stage) { s.enroll("text", "ada@contoso.example") }

func withoutSender(s *stage) { s.enroll("unsent", "ada@contoso.example") }

// exhausted is refused for now, and that was the last attempt.
func exhausted(s *stage) { s.enroll("mail", "greylist@contoso.example") }

// unanswered kills the worker that waits for the answer to its dot.
func unanswered(accepted bool) func(*stage) {
	return func(s *stage) {
		s.script.with(func() {
			s.script.dot = func(n int) *inbox.Reply {
				if n > 1 {
					return nil
				}
				s.doomed.kill()
				if accepted {
					return nil
				}
				return &inbox.Reply{Code: 451, Enhanced: "4.3.0", Text: "Try again later"}
			}
		})
		toAda(s)
	}
}

// textUnanswered kills the worker that waits for the answer to its POST.
func textUnanswered(s *stage) {
	s.script.with(func() { s.script.posted = s.doomed.kill })
	toOwner(s)
}

func refusedOnce(s *stage) {
	s.script.with(func() {
		s.script.dot = func(n int) *inbox.Reply {
			if n > 1 {
				return nil
			}
			return &inbox.Reply{Code: 451, Enhanced: "4.3.0", Text: "Try again later"}
		}
	})
	toAda(s)
}

// left is disenrolled while it is in error.
func left(s *stage) {
	withoutSender(s)
	s.comesTo(s.state, "unclaimed; InError OwnerHasNoSendingAddress, park 1; 5 credits")
	s.starter("disenroll", s.ids(), "--reason", "asked to")
}

// assumedSent is resumed by an operator who has found the message in Sent.
func assumedSent(s *stage) {
	s.enroll("mail", "drop@contoso.example")
	s.comesTo(s.state, "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits")
	s.starter("resume", s.ids(), "--assume", "sent")
}

// looksAndAnswers is an operator who looks where the message is, and says so.
// A contact whose mail would only be refused again has got another address.
func looksAndAnswers(s *stage) {
	answer := "not-sent"
	if len(s.accepted()) > 0 {
		answer = "sent"
	} else {
		s.starter("contacts", "set", s.ids(), "--email", "new@contoso.example")
	}
	s.starter("resume", s.ids(), "--assume", answer)
}

// newAddress repairs what is wrong with the contact. Where that is no fix by
// itself, it is resumed.
func newAddress(s *stage) {
	s.starter("contacts", "set", s.ids(), "--email", "new@contoso.example")
	if s.ask(`SELECT coalesce(code, '') FROM enrollments`) == "SendingFailed" {
		s.starter("resume", s.ids())
	}
}

func selectSender(s *stage) { s.starter("campaign", "set-sender", "unsent", "maya@northwind.example") }

// paid is how many credits are left when everybody has had one message.
func (s *stage) paid() string {
	s.t.Helper()
	const given = 5
	emails := len(entries[inbox.Entry](s, "inbox"))
	require.LessOrEqual(s.t, emails, given)
	return strconv.Itoa(given - emails)
}
