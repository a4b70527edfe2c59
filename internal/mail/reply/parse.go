package reply

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	replyLine = regexp.MustCompile(`^\s*([0-9]{3})(?:[ \-\t]\s*(.*))?$`)
	// RFC 2034 §4 puts the enhanced code first; qmail and its heirs write "#5.1.1" or "(#5.1.1)", often last.
	leadingEnhanced = regexp.MustCompile(`^\s*[\[("]?#?\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[\])":;,\s-]|$)`)
	markedEnhanced  = regexp.MustCompile(`\(?#([45]\.[0-9]{1,3}\.[0-9]{1,3})\b\)?`)
	innerEnhanced   = regexp.MustCompile(`(?:^|[\s(\[<:])([45]\.[0-9]\.[0-9]{1,3})(?:[\s)\]>:;,]|$)`)
)

// Parse reads a reply as a log or a person gives it: "550 5.1.1 user unknown", or a
// multi-line reply (RFC 5321 §4.2.1), "550-5.1.1 no such\n550 5.1.1 user", with real
// line ends or with a written "\n". Phase is left empty for the caller. Text keeps the
// server's words, one line a line, without the basic code.
func Parse(line string) (Reply, error) {
	lines := splitLines(line)
	if len(lines) == 0 {
		return Reply{}, errors.New(`no reply was given: expected something like "550 5.1.1 user unknown"`)
	}
	first := replyLine.FindStringSubmatch(lines[0])
	if first == nil {
		return Reply{}, fmt.Errorf(`%q does not begin with a three-digit code: expected something like "550 5.1.1 user unknown"`, shorten(lines[0]))
	}
	code, err := strconv.Atoi(first[1])
	if err != nil || code < 200 || code > 599 {
		return Reply{}, fmt.Errorf("%s is not an SMTP reply code: expected 200 to 599 (RFC 5321 §4.2)", first[1])
	}
	words := []string{strings.TrimSpace(first[2])}
	for _, l := range lines[1:] {
		// A continuation repeats the code; in copied logs it is often already gone.
		if m := replyLine.FindStringSubmatch(l); m != nil && m[1] == first[1] {
			l = m[2]
		}
		words = append(words, strings.TrimSpace(l))
	}
	text := strings.TrimSpace(strings.Join(words, "\n"))
	return Reply{Code: code, Enhanced: enhancedOf(code, text), Text: text}, nil
}

// splitLines parts a reply at real and at written line ends and drops empty lines.
func splitLines(s string) []string {
	s = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", "\r\n", "\n", "\r", "\n").Replace(s)
	var lines []string
	for l := range strings.SplitSeq(s, "\n") {
		if strings.TrimSpace(l) != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

// enhancedOf finds the enhanced code in a reply's words, or "". At the beginning it is
// taken as it stands; elsewhere only if its class is the basic code's (RFC 2034 §4), so
// that a version number or a link is not taken for one.
func enhancedOf(code int, text string) string {
	if m := leadingEnhanced.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	for _, form := range []*regexp.Regexp{markedEnhanced, innerEnhanced} {
		if m := form.FindStringSubmatch(text); m != nil && int(m[1][0]-'0') == code/100 {
			return m[1]
		}
	}
	return ""
}

// shorten keeps an error message on one screen line.
func shorten(s string) string {
	const most = 60
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "…"
}
