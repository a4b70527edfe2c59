package inbound

import (
	"net/textproto"
	"slices"
	"strings"

	"relance/internal/inbound/pattern"
	"relance/internal/plaintext"
)

// original is what a report or a notice returns of the message that it is about.
type original struct {
	header textproto.MIMEHeader
}

// originalTypes are the parts that return a message or its header (RFC 3462, RFC 6533).
var originalTypes = []string{
	"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "text/rfc822", "message/global", "message/global-headers", "text/rfc822-header",
}

// returned finds the original in a part of its own, or at the end of the text.
func returned(m Mail) original {
	for _, p := range m.Parts {
		if slices.Contains(originalTypes, p.Type) {
			return original{looseHeader(tidy([]byte(p.Content)))}
		}
	}
	if _, rest, ok := splitNotice(m.whole()); ok {
		return original{looseHeader([]byte(headerBlock(rest)))}
	}
	return original{}
}

// whole is the text of every part that is text and not attached, one after the other:
// writers of notices put their pieces where they like.
func (m Mail) whole() string {
	var texts []string
	for _, p := range m.Parts {
		switch {
		case p.Type == "text/plain":
			texts = append(texts, beginning(p.Content, mostNotice))
		case p.Type == "text/html" && !slices.ContainsFunc(m.Parts, func(p Part) bool { return p.Type == "text/plain" }):
			texts = append(texts, beginning(plainOf(beginning(p.Content, mostHTML)), mostNotice))
		}
	}
	return beginning(strings.Join(texts, "\n\n"), mostNotice)
}

// beginsOriginal are the lines after which mail servers without MIME put the original.
var beginsOriginal = pattern.New(`(?im)^[ \t>*_=-]*(?:` + strings.Join([]string{
	`(?:this is |below is |enclosed is |here is |included is |following is |attached is |below this line is )?(?:a |the )*(?:copy|headers?|start|beginning|first part|text|part) of (?:the |your )*(?:original )?(?:e-?mail |mail |failed )?(?:message|mail)(?:'s headers?)?(?:, including.{0,40}|.{0,20} (?:is )?follow(?:s|ing).{0,10}|.{0,30} is (?:below|attached|enclosed).{0,10}|.{0,15})`,
	`(?:the )?header(?:s)? of the (?:original |mail|message).{0,40}`,
	`(?:the )?(?:original|unsent|returned|undelivered|rejected|returned|failed|sent|unsent) (?:e-?mail )?(?:message|mail)(?:'s)?(?: headers?| text)?(?: is| are)?(?: as)?(?: follows?(?:\.|:)?| below| attached| body| begins?)?`,
	`message (?:headers? )?(?:follows?|text follows|header follows|contents?(?: follows?)?).{0,10}`,
	`message headers?`,
	`original mail as follows`,
	`(?:your )?(?:original )?message(?:'s)? (?:headers?|reads?) .{0,25}(?:follows?|below|in part).{0,5}`,
	`unsent message follows`,
	`.{0,20}オリジナルメール.{0,20}|.{0,10}元のメッセージ.{0,20}|.{0,10}original message.{0,20}`,
	`nachricht, die.{0,30}|urspr(?:ü|ue)ngliche nachricht.{0,20}|message d'origine.{0,20}`,
}, "|") + `)[ \t.:<>*_=-]*$`)

// splitNotice parts a notice from the original that follows it.
func splitNotice(text string) (notice, rest string, found bool) {
	if at := beginsOriginal.FindStringIndex(text); at != nil {
		return text[:at[0]], text[at[1]:], true
	}
	// Without a line that says so, a block of header fields is the original.
	for at := range headerStarts(text) {
		return text[:at], text[at:], true
	}
	return text, "", false
}

var traceField = pattern.New(`(?m)^[ \t>]*(?:Return-Path|Received|Message-Id|Message-ID|DKIM-Signature|MIME-Version|Date|From)[ \t]?:`)

// headerStarts yields where three header fields stand together of which one is an id.
func headerStarts(text string) func(func(int) bool) {
	return func(yield func(int) bool) {
		for _, at := range traceField.FindAllStringIndex(text, 50) {
			block := headerBlock(text[at[0]:])
			if strings.Count(block, "\n") < 3 || len(idsIn(looseHeader([]byte(block)).Get("Message-Id"))) == 0 {
				continue
			}
			if !yield(at[0]) {
				return
			}
		}
	}
}

var indented = pattern.New(`^[ \t>|]+`)

// headerBlock is the first block of lines of text that looks like a header, without the
// blanks or marks by which all of it is indented.
func headerBlock(text string) string {
	text = strings.TrimLeft(text, "\n \t")
	var b strings.Builder
	margin, first := "", true
	for line := range strings.Lines(text) {
		if first {
			// The first line may have lost its margin to TrimLeft; the second tells.
			first = false
		} else if margin == "" {
			if m := indented.FindString(line); m != "" && fieldLine.MatchString(strings.TrimSpace(line[len(m):])) && len(m) > 1 {
				margin = m
			}
		}
		line = strings.TrimPrefix(line, margin)
		if strings.TrimSpace(line) == "" {
			if b.Len() == 0 {
				continue
			}
			break
		}
		b.WriteString(line)
	}
	return b.String()
}

// reported are the ids that an original's header gives.
func (o original) reported() Reported {
	return Reported{
		MessageIDs: idsIn(o.header.Get("X-Microsoft-Original-Message-Id"), o.header.Get("Message-Id")),
		RelanceIDs: relanceIDs(o.header.Get("X-Relance-Id")),
	}
}

func relanceIDs(field string) []string {
	if field = strings.Trim(plaintext.Line(field, mostID), "<>"); field != "" {
		return []string{field}
	}
	return nil
}
