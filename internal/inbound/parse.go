package inbound

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"relance/internal/inbound/answer"
	"relance/internal/plaintext"
)

// MostRead is how much of a message is read; what comes after it is attachments.
const MostRead = 1 << 20

// mostTime is how long a message may be parsed. A usual one takes milliseconds, the slowest that
// we could make a tenth of a second; the rest is for a machine that is busy.
const mostTime = 30 * time.Second

var errTooLong = fmt.Errorf("it took longer than %v to read", mostTime)

// Judge parses a mail and says what it is. It never fails and never panics: what cannot
// be read is Unreadable, with whatever its header gave. A zero arrived means that nobody
// knows when the mail came in, and the message is believed.
func Judge(raw []byte, arrived time.Time, self Self) (m Mail, v Verdict) {
	m, err := Parse(raw)
	if !arrived.IsZero() {
		m.Arrived = arrived
	}
	if err != nil {
		return m, unreadable(err)
	}
	defer func() {
		if r := recover(); r != nil {
			v = unreadable(fmt.Errorf("the classifier failed: %v", r))
		}
	}()
	return m, Classify(m, self)
}

func unreadable(err error) Verdict {
	return Verdict{Kind: Unreadable, Reason: "the message cannot be read: " + plaintext.Line(err.Error(), mostWords)}
}

// Parse reads a message (RFC 5322, RFC 2045) as tolerantly as it can: with line ends of
// every kind, an mbox's "From " line before it, wrong charsets, a missing end. With an
// error it still returns what the header says, so that the mail can be listed and matched.
func Parse(raw []byte) (Mail, error) {
	size := len(raw)
	raw = raw[:min(len(raw), MostRead)]
	raw = mendBoundary(tidy(raw))
	type outcome struct {
		mail Mail
		err  error
	}
	done := make(chan outcome, 1)
	deadline := time.Now().Add(mostTime)
	// A goroutine of its own: a parser that hangs must not hang the reader. Its input ends
	// at the deadline, so it does not stay for ever.
	go func() {
		var o outcome
		defer func() {
			if r := recover(); r != nil {
				o.err = fmt.Errorf("the parser failed: %v", r)
			}
			done <- o
		}()
		o.mail, o.err = parse(raw, deadline)
	}()
	timer := time.NewTimer(mostTime)
	defer timer.Stop()
	var o outcome
	select {
	case o = <-done:
	case <-timer.C:
		o.err = errTooLong
	}
	if o.err != nil {
		o.mail = fromHeader(looseHeader(raw))
	}
	o.mail.Size, o.mail.Truncated = size, size > MostRead
	return o.mail, o.err
}

var parser = enmime.NewParser(
	enmime.SkipMalformedParts(true),
	enmime.MultipartWOBoundaryAsSinglePart(true),
	enmime.SetReadPartErrorPolicy(func(*enmime.Part, error) bool { return true }),
	enmime.MaxStoredPartErrors(20),
	// Encodings and charsets are ours (transfer.go, charset.go): enmime guesses the charset
	// of a text that is valid UTF-8 and says so, and guesses German wrong.
	enmime.RawContent(true),
)

func parse(raw []byte, deadline time.Time) (Mail, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return Mail{}, errors.New("it is empty")
	}
	root, err := parser.ReadParts(&timedReader{bytes.NewReader(raw), deadline})
	if err != nil {
		return Mail{}, err
	}
	m := fromHeader(root.Header)
	m.Parts = leaves(root)
	if len(m.Parts) == 0 || !slices.ContainsFunc(m.Parts, func(p Part) bool { return strings.TrimSpace(p.Content) != "" }) {
		// A multipart without its delimiters: what stands there is still to be read.
		if _, body, ok := bytes.Cut(raw, []byte("\n\n")); ok && len(bytes.TrimSpace(body)) > 0 {
			m.Parts = []Part{{Type: "text/plain", Content: decodeText(string(body), "")}}
		}
	}
	m.Text = textOf(m.Parts)
	m.Answer = answer.Of(m.Text)
	return m, nil
}

// timedReader fails when its time is over.
type timedReader struct {
	io.Reader
	deadline time.Time
}

func (r *timedReader) Read(p []byte) (int, error) {
	if time.Now().After(r.deadline) {
		return 0, errTooLong
	}
	return r.Reader.Read(p)
}

// tidy makes every line end LF and drops what stands before the header: a byte order
// mark, blank lines, the separator of an mbox (RFC 4155).
func tidy(raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	raw = bytes.ReplaceAll(raw, []byte("\r\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	raw = bytes.TrimLeft(raw, "\n")
	for _, mark := range []string{"From ", ">From "} {
		if bytes.HasPrefix(raw, []byte(mark)) {
			_, raw, _ = bytes.Cut(raw, []byte("\n"))
		}
	}
	return bytes.TrimLeft(raw, "\n")
}

// leaves returns the parts that have content, in the order of the tree.
func leaves(root *enmime.Part) []Part {
	var parts []Part
	for p := range walk(root) {
		if p.FirstChild != nil {
			continue
		}
		part := Part{
			Type: strings.ToLower(p.ContentType), Params: p.ContentTypeParams, Filename: p.FileName,
			Attached: strings.EqualFold(p.Disposition, "attachment"), Content: decodeTransfer(p.Content, p.Header.Get("Content-Transfer-Encoding")),
		}
		if part.Type == "" {
			part.Type = "text/plain"
		}
		if strings.HasPrefix(part.Type, "text/") || strings.HasPrefix(part.Type, "message/") {
			part.Content = decodeText(part.Content, p.ContentTypeParams["charset"])
		}
		parts = append(parts, part)
	}
	return parts
}
