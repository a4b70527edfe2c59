package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"strings"

	"relance/internal/campaign"
	"relance/internal/mail/reply"
)

// Step is one step of a login's dialogue. It never has a credential: of AUTH it names
// the mechanism and says what the server said, from which the password is taken out.
type Step struct {
	Kind StepKind `json:"step"`
	// Server is the host and port that were dialled, Address where that is.
	Server  string `json:"server,omitempty"`
	Address string `json:"address,omitempty"`
	// TLS is the version: TLS 1.3.
	TLS string `json:"tls,omitempty"`
	// Mechanisms are those of AUTH that the server offers (RFC 4954), Mechanism the one
	// that was tried.
	Mechanisms []string `json:"mechanisms,omitempty"`
	Mechanism  string   `json:"mechanism,omitempty"`
	// Words are the server's, with the code, on one line.
	Words string `json:"words,omitempty"`
}

// StepKind is what has happened in a step.
type StepKind string

// The steps of a login, in their usual order.
const (
	Connected StepKind = "connected"
	Encrypted StepKind = "encrypted"
	Greeted   StepKind = "greeted"
	Offered   StepKind = "offered"
	Accepted  StepKind = "accepted"
	Rejected  StepKind = "rejected"
)

// Bounds of what a step says of a server that offers very much.
const (
	mostMechanisms   = 20
	longestMechanism = 40
)

type traceKey struct{}

// Traced is a context with which a login tells each of its steps, in its own goroutine.
func Traced(ctx context.Context, tell func(Step)) context.Context {
	return context.WithValue(ctx, traceKey{}, tell)
}

// traced has the session tell its steps to the one who asked for them.
func (s *session) traced(ctx context.Context) {
	s.tell, _ = ctx.Value(traceKey{}).(func(Step))
	if s.tell == nil {
		s.tell = func(Step) {}
	}
}

func connected(settings campaign.SMTP, conn net.Conn) Step {
	return Step{Kind: Connected, Server: net.JoinHostPort(settings.Host, strconv.Itoa(settings.Port)), Address: conn.RemoteAddr().String()}
}

func encrypted(state tls.ConnectionState) Step {
	return Step{Kind: Encrypted, TLS: tls.VersionName(state.Version)}
}

func (s *session) tellOffered() {
	mechanisms := strings.Fields(s.offers["AUTH"])
	mechanisms = mechanisms[:min(len(mechanisms), mostMechanisms)]
	for i, mechanism := range mechanisms {
		mechanisms[i] = shorten(mechanism, longestMechanism)
		for _, secret := range s.secrets { // the offers are in capitals
			if strings.Contains(mechanism, strings.ToUpper(secret)) {
				mechanisms[i] = "(hidden)"
			}
		}
	}
	s.tell(Step{Kind: Offered, Mechanisms: mechanisms})
}

// tellAuth tells how one mechanism has ended, if the server has said so.
func (s *session) tellAuth(mechanism string, answer reply.Reply, err error) {
	step := Step{Kind: Accepted, Mechanism: mechanism, Words: answer.Line()}
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		step.Kind = Rejected
	case err != nil:
		return
	}
	s.tell(step)
}
