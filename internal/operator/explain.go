package operator

import (
	"fmt"
	"slices"
	"strings"

	"relance/internal/mail/reply"
	"relance/internal/verdict"
)

// Reply is what a mail server has said.
type Reply = reply.Reply

// Explained is a mail server's reply, what it means, and what follows from it.
type Explained struct {
	Phase    reply.Phase   `json:"phase"`
	Code     int           `json:"code"`
	Enhanced string        `json:"enhanced"`
	Text     string        `json:"text"`
	Verdict  reply.Verdict `json:"verdict"`
	Reason   string        `json:"reason"`

	// Then is what is done about it.
	Then string `json:"-"`
}

// Explain says what a reply means, and what is done about it. It asks no server
// and no database.
func Explain(r Reply) Explained {
	judgement := reply.Classify(r)
	then := verdict.OfEmail(judgement.Verdict).String()
	if judgement.RetryAfter > 0 {
		then += " (after " + judgement.RetryAfter.String() + ")"
	}
	return Explained{
		Phase: r.Phase, Code: r.Code, Enhanced: r.Enhanced, Text: r.Text,
		Verdict: judgement.Verdict, Reason: judgement.Reason, Then: then,
	}
}

// ParseReply reads a reply as it stands in a log: "550 5.1.1 user unknown". An
// Invalid when it is none, or when there is no such phase.
func ParseReply(phase, text string) (Reply, error) {
	at, err := ParsePhase(phase)
	if err != nil {
		return Reply{}, err
	}
	parsed, err := reply.Parse(text)
	if err != nil {
		return Reply{}, invalid("reply", err)
	}
	parsed.Phase = at
	return parsed, nil
}

// ParsePhase reads where in the dialogue a server said something, in any letter
// case; empty is rcpt, where most refusals are made.
func ParsePhase(text string) (reply.Phase, error) {
	phase := reply.Phase(strings.ToLower(strings.TrimSpace(text)))
	switch {
	case phase == "":
		return reply.Rcpt, nil
	case !slices.Contains(reply.Phases(), phase):
		return "", &Invalid{Field: "phase", Text: fmt.Sprintf("there is no phase %q; expected %s", text, PhaseNames())}
	}
	return phase, nil
}

// PhaseNames is a list of the phases for people: "a, b or c".
func PhaseNames() string {
	names := []string{}
	for _, phase := range reply.Phases() {
		names = append(names, string(phase))
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
