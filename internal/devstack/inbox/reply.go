package inbox

import (
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// Reply is what the server does instead of simply saying yes.
type Reply struct {
	Code     int    // 550; not used when Accept or Cut is set
	Enhanced string // "5.1.1"
	Text     string

	Accept bool          // after the final dot: the message is accepted and logged all the same
	Cut    bool          // the connection is cut without an answer
	Delay  time.Duration // before the answer
}

// smtpError is nil for a positive answer.
func (r *Reply) smtpError() error {
	if r == nil || r.Code == 0 {
		return nil
	}
	var enhanced smtp.EnhancedCode
	if _, err := fmt.Sscanf(r.Enhanced, "%d.%d.%d", &enhanced[0], &enhanced[1], &enhanced[2]); err != nil {
		enhanced = smtp.NoEnhancedCode
	}
	return &smtp.SMTPError{Code: r.Code, EnhancedCode: enhanced, Message: r.Text}
}

// misbehaviour is keyed by the local part of a recipient, before any "+".
type misbehaviour struct {
	rcpt, data *Reply
}

func misbehaviours(slow time.Duration) map[string]misbehaviour {
	return map[string]misbehaviour{
		"bounce":   {rcpt: &Reply{Code: 550, Enhanced: "5.1.1", Text: "The email account that you tried to reach does not exist"}},
		"greylist": {rcpt: &Reply{Code: 451, Enhanced: "4.7.1", Text: "Greylisted, please try again later"}}, // each time, so that patience runs out too
		"full":     {rcpt: &Reply{Code: 452, Enhanced: "4.2.2", Text: "The recipient's mailbox is full"}},
		"blocked":  {data: &Reply{Code: 554, Enhanced: "5.7.1", Text: "Message rejected as spam by content filter"}},
		"drop":     {data: &Reply{Accept: true, Cut: true}},
		"slow":     {data: &Reply{Accept: true, Delay: slow}},
	}
}

func localPart(address string) string {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	local, _, _ = strings.Cut(local, "+")
	return local
}
