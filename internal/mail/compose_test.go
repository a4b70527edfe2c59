package mail_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/mail"
)

func letter() mail.Message {
	return mail.Message{
		From: mail.Address{Name: "Maya Claës", Email: "maya@northwind.example"}, To: mail.Address{Email: "jan@münchen.example"},
		Subject: "Eine Frage zu Läcker & Söhne", Text: "Hallo Jan,\r\n\r\nsee https://northwind.example/?a=1&b=<2>.\n  indented\n.\n\n-- \nMaya\n\n\n",
		MessageID: "77@northwind.example", Date: time.Date(2026, 11, 24, 12, 0, 0, 5, time.FixedZone("", 3600)),
		Boundary: "0123456789abcdef01234567", InReplyTo: "76@northwind.example", References: []string{"75@northwind.example", "76@northwind.example"},
	}
}

// TestComposeGolden shows what a prospect's server receives.
func TestComposeGolden(t *testing.T) {
	t.Parallel()
	raw, err := mail.Compose(letter())
	require.NoError(t, err)
	got := strings.ReplaceAll(string(raw), "\r\n", "\n")
	want, err := os.ReadFile("testdata/letter.eml")
	require.NoError(t, err)
	require.Equal(t, string(want), got)
	elsewhere := letter()
	elsewhere.Date = elsewhere.Date.UTC()
	again, err := mail.Compose(elsewhere)
	require.NoError(t, err)
	require.Equal(t, raw, again, "the same instant in another zone")
}

func TestComposeOffersToUnsubscribe(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		ways mail.Unsubscribe
		want []string
	}{
		{mail.Unsubscribe{}, nil},
		{mail.Unsubscribe{URL: "https://m.example/u/abc"}, []string{"List-Unsubscribe: <https://m.example/u/abc>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"}},
		{mail.Unsubscribe{Mailto: "mailto:m@n.example?subject=unsubscribe%20abc"}, []string{"List-Unsubscribe: <mailto:m@n.example?subject=unsubscribe%20abc>"}},
		{mail.Unsubscribe{URL: "https://m.example/u/abc", Mailto: "mailto:m@n.example"}, []string{"List-Unsubscribe: <https://m.example/u/abc>, <mailto:m@n.example>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"}},
	} {
		m := letter()
		m.Unsubscribe = row.ways
		raw, err := mail.Compose(m)
		require.NoError(t, err)
		head, _, _ := strings.Cut(strings.ReplaceAll(string(raw), "\r\n ", " "), "\r\n\r\n")
		for _, line := range row.want {
			require.Contains(t, head, "\r\n"+line)
		}
		require.Equal(t, len(row.want), strings.Count(head, "\r\nList-"))
	}
}

func TestComposePlainOnly(t *testing.T) {
	t.Parallel()
	m := letter()
	m.Boundary = ""
	raw, err := mail.Compose(m)
	require.NoError(t, err)
	require.Contains(t, string(raw), "Content-Type: text/plain; charset=UTF-8\r\n")
	require.NotContains(t, string(raw), "multipart")
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*mail.Message){
		"no recipient":   func(m *mail.Message) { m.To.Email = "" },
		"two recipients": func(m *mail.Message) { m.To.Email = "a@b.example, c@d.example" },
		"address":        func(m *mail.Message) { m.From.Email = "a@b.example\r\nBcc: c@d.example" },
		"no id":          func(m *mail.Message) { m.MessageID = "" },
		"id":             func(m *mail.Message) { m.MessageID = "a@b>\r\nBcc: x@y.z" },
		"in reply to":    func(m *mail.Message) { m.InReplyTo = "a b" },
		"references":     func(m *mail.Message) { m.References = []string{""} },
		"no date":        func(m *mail.Message) { m.Date = time.Time{} },
		"boundary":       func(m *mail.Message) { m.Boundary = "a\r\nb" },
		"subject":        func(m *mail.Message) { m.Subject = strings.Repeat("x", 901) },
	} {
		m := letter()
		change(&m)
		_, err := mail.Compose(m)
		var undeliverable *mail.Undeliverable
		require.ErrorAs(t, err, &undeliverable, name)
		require.NotContains(t, err.Error(), "Hallo", name)
	}
}

func TestMessageIDs(t *testing.T) {
	t.Parallel()
	require.Equal(t, "abc@northwind.example", mail.NewMessageID("northwind.example", "abc"))
	require.Equal(t, "abc@xn--mnchen-3ya.example", mail.NewMessageID("münchen.example", "abc"))
	require.Equal(t, "a.b@localhost", mail.NewMessageID("no domain", "a b>"))
}

func TestReplySubject(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{
		"Hello": "Re: Hello", "Re: Hello": "Re: Hello", "RE: re:  AW: Hello": "Re: Hello", "Antw: Hello": "Re: Hello", "Re[2]: Hello": "Re: Hello",
		"Regarding: you": "Re: Regarding: you", "": "Re: ",
	} {
		require.Equal(t, want, mail.ReplySubject(subject))
	}
}
