package reply

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The table's lines are word families that servers use at RCPT or after, where a careless
// reading blames the recipient, and their neighbours.
func TestFaultIsGivenToTheSideThatTheWordsSpeakOf(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("testdata/by-fault.tsv")
	require.NoError(t, err)
	tested := 0
	for line := range strings.Lines(string(table)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3)
		require.Len(t, columns, 3, line)
		r, err := Parse(columns[2])
		require.NoError(t, err)
		r.Phase = Phase(columns[1])
		j := Classify(r)
		require.Equal(t, Verdict(columns[0]), j.Verdict, "%s: %s", line, j.Reason)
		tested++
	}
	require.Greater(t, tested, 400)
}

func TestSubjectOf(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]subject{
		"Verify mailfrom failed,blocked":                                   sender,
		"Local user only or Authentication mechanism":                      sender,
		"<a@b.example>: Sender address rejected: User unknown":             sender,
		"<a@b.example>: Recipient address rejected: Sender quota exceeded": sender,
		"<a@b.example>: Recipient address rejected: Sender does not exist": sender,
		"Your account is not activated":                                    sender,
		"Absenderadresse existiert nicht":                                  sender,
		"发件人不存在":                                                           sender,
		"<host[192.0.2.1]>: Client host rejected: Access denied":           client,
		"your server is not welcome":                                       client,
		"User unknown":                                                     nobody,
		"Addressee unknown, relay=[192.0.2.1]":                             nobody,
		"No such user here, from=<x@y.example> sender=<x@y.example>":       nobody,
		"Address does not exist. Please notify the sender":                 nobody,
		"The recipient does not accept mail from your address":             nobody,
		"<a@b.example>: Recipient address rejected: User unknown":          nobody,
		"Mailbox full": nobody,
		"":             nobody,
	} {
		folded, _ := fold(words)
		require.Equal(t, want, subjectOf(folded), "%q", words)
	}
}

// No words may ever be both: what speaks of the sender is not held against the recipient,
// whatever code comes with it.
func TestWordsAboutTheSenderNeverBlameTheRecipient(t *testing.T) {
	t.Parallel()
	for _, words := range []string{
		"Sender rejected", "mailfrom check", "your account has a problem", "please log in", "outgoing mail problem",
		"<a@b.example>: Sender address rejected: no such user", "smtp service: account unknown", "envelope from: mailbox unavailable",
		"user is not allowed to send mail: mailbox disabled", "return path: user unknown", "credentials of user unknown",
	} {
		for _, code := range []int{450, 550, 552, 554} {
			for _, enhanced := range []string{"", "5.1.1", "4.2.2"} {
				for _, phase := range []Phase{Rcpt} {
					j := Classify(Reply{Phase: phase, Code: code, Enhanced: enhanced, Text: words})
					require.NotContains(t, []Verdict{HardBounce, SoftBounce}, j.Verdict, "%s %d %s %s: %s", phase, code, enhanced, words, j.Reason)
				}
			}
		}
	}
}
