package inbox

import (
	"bytes"
	"errors"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"
)

// xoauth2 is the name of Google's mechanism, older than that of RFC 7628.
const xoauth2 = "XOAUTH2"

// bearers are the mechanisms for logins with a token, when there is somebody to ask about them.
func (s *Server) bearers() []string {
	if s.options.OnToken == nil {
		return nil
	}
	return []string{xoauth2, sasl.OAuthBearer}
}

// tokenServer is the server's side of both mechanisms (RFC 7628): a token that is not good is
// answered with the reason in JSON, and refused when the client has answered that.
type tokenServer struct {
	check    func(username, token string) bool
	accepted func(username string) error
	refusal  error
	refused  bool
}

// reason is what Google says of a token that is not good.
const reason = `{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}`

func (t *tokenServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case t.refused:
		return nil, true, t.refusal
	case response == nil:
		return []byte{}, false, nil
	}
	username, token, ok := readBearer(response)
	if !ok {
		return nil, true, errors.New("this is no login with a token")
	}
	if !t.check(username, token) {
		t.refused = true
		return []byte(reason), false, nil
	}
	return nil, true, t.accepted(username)
}

// readBearer reads user=…^Aauth=Bearer …^A^A, or n,a=…,^Ahost=…^Aport=…^Aauth=Bearer …^A^A.
func readBearer(response []byte) (username, token string, ok bool) {
	for part := range bytes.SplitSeq(response, []byte{1}) {
		switch text := string(part); {
		case strings.HasPrefix(text, "user="):
			username = text[len("user="):]
		case strings.HasPrefix(text, "n,a="):
			username = strings.TrimSuffix(text[len("n,a="):], ",")
		case strings.HasPrefix(text, "auth=Bearer "):
			token = text[len("auth=Bearer "):]
		}
	}
	return username, token, username != "" && token != ""
}

// AuthenticateMechanisms are those of IMAP.
func (s *imapSession) AuthenticateMechanisms() []string {
	return append([]string{sasl.Plain}, s.server.bearers()...)
}

// Authenticate is AUTHENTICATE.
func (s *imapSession) Authenticate(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, username, password string) error { return s.Login(username, password) }), nil
	case xoauth2, sasl.OAuthBearer:
		if s.server.options.OnToken != nil {
			return &tokenServer{check: s.server.options.OnToken, accepted: s.enter, refusal: imapserver.ErrAuthFailed}, nil
		}
	}
	return nil, &imap.Error{Type: imap.StatusResponseTypeNo, Text: "There is no such mechanism"}
}
