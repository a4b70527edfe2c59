package smtp_test

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/mail/smtp"
)

// told logs in and returns the steps, and the error.
func told(t *testing.T, s *server, account campaign.EmailAccount, opts ...smtp.Option) ([]smtp.Step, error) {
	t.Helper()
	var steps []smtp.Step
	err := newPool(t, opts...).Login(smtp.Traced(t.Context(), func(step smtp.Step) { steps = append(steps, step) }), account)
	return steps, err
}

func TestALoginTellsItsDialogue(t *testing.T) {
	t.Parallel()
	config, roots := certificate(t, "127.0.0.1")
	s := (&server{offers: []string{"STARTTLS", "AUTH PLAIN LOGIN XOAUTH2"}, tls: config, answers: map[string]string{"GREETING": "220 smtp.northwind.example ready"}}).start(t)
	account := s.account()
	account.SMTP.TLS = campaign.TLSStartTLS
	at := fmt.Sprintf("127.0.0.1:%d", account.SMTP.Port)
	want := []smtp.Step{
		{Kind: smtp.Connected, Server: at, Address: at},
		{Kind: smtp.Greeted, Words: "220 smtp.northwind.example ready"},
		{Kind: smtp.Encrypted, TLS: tls.VersionName(tls.VersionTLS13)},
		{Kind: smtp.Offered, Mechanisms: []string{"PLAIN", "LOGIN", "XOAUTH2"}},
		{Kind: smtp.Accepted, Mechanism: "PLAIN", Words: "235 2.7.0 welcome"},
	}
	steps, err := told(t, s, account, smtp.WithRootCAs(roots))
	require.NoError(t, err)
	require.Equal(t, want, steps)

	account.SMTP.Password = "canary-0815"
	steps, err = told(t, s, account, smtp.WithRootCAs(roots))
	require.Error(t, err)
	require.Equal(t, smtp.Rejected, steps[4].Kind)
	require.Equal(t, "535 5.7.8 no: AUTH PLAIN (hidden)", steps[4].Words, "the server has repeated what it was sent")

	steps, err = told(t, s, account) // whose authority is not known here
	require.ErrorContains(t, err, "certificate")
	require.Len(t, steps, 2)
}

// A hostile server says the password wherever it can, as text and in base64.
func TestTheDialogueHasNoCredential(t *testing.T) {
	t.Parallel()
	const canary, encoded = "canary-0815", "Y2FuYXJ5LTA4MTU="
	for _, verb := range []string{"GREETING", "EHLO", "AUTH"} {
		for _, code := range []string{"2", "5"} {
			words := map[string]string{"2GREETING": "220 ", "5GREETING": "554 ", "2EHLO": "250-x|250 AUTH PLAIN ", "5EHLO": "550 ", "2AUTH": "235 ", "5AUTH": "535 "}[code+verb]
			answers := map[string]string{verb: words + canary + " " + encoded + " \x1b]0;owned\a"}
			s := (&server{offers: []string{"AUTH PLAIN LOGIN"}, answers: answers}).start(t)
			account := s.account()
			account.SMTP.Password = canary
			steps, err := told(t, s, account)
			text := fmt.Sprintf("%+v %v", steps, err)
			require.Contains(t, text, "(hidden)", verb+code)
			for _, secret := range []string{canary, strings.ToUpper(canary), encoded, strings.ToUpper(encoded), "\x1b"} {
				require.NotContains(t, text, secret, verb+code)
			}
		}
	}
}

// What a server offers is read as it says it, whatever the password is.
func TestAPasswordThatIsAWordOfTheProtocol(t *testing.T) {
	t.Parallel()
	s := (&server{offers: []string{"AUTH PLAIN"}}).start(t)
	account := s.account()
	account.SMTP.Password = "PLAIN"
	_, err := told(t, s, account)
	require.ErrorContains(t, err, "535 5.7.8 no", "it was offered, and tried")
}
