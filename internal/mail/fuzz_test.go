package mail_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	outreach "relance/internal/mail"
)

// FuzzCompose: whatever a name, a subject or a text holds, the message has exactly the
// headers that Compose writes, and its text comes back as it went in.
func FuzzCompose(f *testing.F) {
	f.Add("Maya", "hello\r\nBcc: everyone@example.com", "text\r\n.\r\nMAIL FROM:<x@y.z>")
	f.Add("=?utf-8?q?x?=\n\ty", strings.Repeat("long", 200), "\x00\r\n\r\n--b\r\n")
	f.Add("\u2028Ünï\"<>@,", "=?UTF-8?b?QmNjOiB4?=", "From me\n> quoted \u0085")
	f.Fuzz(func(t *testing.T, name, subject, text string) {
		m := outreach.Message{
			From: outreach.Address{Name: name, Email: "maya@northwind.example"}, To: outreach.Address{Name: name, Email: "jan@prospect.example"},
			Subject: subject, Text: text, MessageID: "1@northwind.example", Date: time.Unix(1_700_000_000, 0),
			Boundary: "f00f00f00f00f00f00f00f00", InReplyTo: "0@northwind.example", References: []string{"0@northwind.example"},
		}
		raw, err := outreach.Compose(m)
		if err != nil {
			require.Greater(t, max(len(name), len(subject)), 900, err)
			return
		}
		again, err := outreach.Compose(m)
		require.NoError(t, err)
		require.Equal(t, raw, again, "the same message gives the same bytes")
		for line := range strings.SplitSeq(strings.TrimSuffix(string(raw), "\r\n"), "\r\n") {
			require.LessOrEqual(t, len(line), 998)
			require.NotContains(t, line, "\r")
			require.NotContains(t, line, "\n")
			for _, b := range []byte(line) {
				require.True(t, b == '\t' || (b >= 0x20 && b < 0x7f), "%q", line)
			}
		}
		read, err := mail.ReadMessage(bytes.NewReader(raw))
		require.NoError(t, err)
		require.Len(t, read.Header, 10, "no header more: %v", read.Header)
		for _, list := range read.Header {
			require.Len(t, list, 1)
		}
		for _, key := range []string{"From", "To"} {
			list, err := read.Header.AddressList(key)
			require.NoError(t, err, read.Header.Get(key))
			require.Len(t, list, 1)
			require.NotContains(t, list[0].Name, "\n")
		}
		got, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
		require.NoError(t, err)
		require.Equal(t, outreach.OneLine(subject), got)

		_, parameters, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
		require.NoError(t, err)
		parts := multipart.NewReader(read.Body, parameters["boundary"])
		if strings.Contains(text, m.Boundary) {
			return // nobody knows the boundary of a message that has not been sent
		}
		for _, want := range []string{"text/plain", "text/html"} {
			part, err := parts.NextPart() // it undoes quoted-printable
			require.NoError(t, err)
			require.Contains(t, part.Header.Get("Content-Type"), want)
			body, err := io.ReadAll(part)
			require.NoError(t, err)
			if want == "text/plain" {
				require.Equal(t, outreach.BodyText(text), strings.ReplaceAll(string(body), "\r\n", "\n"))
			}
		}
		_, err = parts.NextPart()
		require.ErrorIs(t, err, io.EOF)
	})
}
