// Package answer finds what the sender of a mail has written himself: the text without
// the mails that it quotes, without their headers, and without the signature.
//
// It knows how mail programs write these things in a dozen languages, and nothing else.
// Where it cannot tell, text stays: an answer that is too long is read by a person, one
// that is too short is not.
package answer

import (
	"slices"
	"strings"
)

// Of returns the sender's own words in a plain text. Lines that begin with ">" are
// quoted. What stands below or between quotes is the sender's too; below a header such as
// "-----Original Message-----" everything is quoted.
func Of(text string) string {
	lines := strings.Split(plainBlanks.Replace(text), "\n")
	var kept []string
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if isQuoted(line) {
			continue
		}
		if n := attribution(lines[i:]); n > 0 {
			if !quoteFollows(lines[i+n:]) {
				break // the program quotes without marks: all of the rest
			}
			i += n - 1
			continue
		}
		if beginsQuote(lines[i:]) {
			break
		}
		if isSignature(line) {
			// Some write below their signature, under a quote.
			rest := lines[i+1:]
			if at := slices.IndexFunc(rest, func(l string) bool { return isQuoted(strings.TrimSpace(l)) }); at >= 0 {
				i += at
				continue
			}
			break
		}
		if isSentFrom(line) {
			continue
		}
		kept = append(kept, strings.TrimRight(lines[i], " \t"))
	}
	return strings.TrimSpace(collapse(kept))
}

// plainBlanks makes of the blanks that programs write, in French before a colon, plain ones.
var plainBlanks = strings.NewReplacer("\r\n", "\n", "\u00a0", " ", "\u202f", " ", "\u200b", "", "\ufeff", "")

func isQuoted(line string) bool {
	return strings.HasPrefix(line, ">") || strings.HasPrefix(line, "|>") || strings.HasPrefix(line, "&gt;")
}

// quoteFollows says whether the next line that says something is marked as quoted.
func quoteFollows(lines []string) bool {
	for _, l := range lines[:min(len(lines), 6)] {
		if l = strings.TrimSpace(l); l != "" {
			return isQuoted(l)
		}
	}
	return false
}

// collapse joins lines, with at most one empty line between two.
func collapse(lines []string) string {
	var b strings.Builder
	blank := 0
	for _, l := range lines {
		if strings.TrimSpace(l) == "" {
			blank++
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
			if blank > 0 {
				b.WriteByte('\n')
			}
		}
		blank = 0
		b.WriteString(l)
	}
	return b.String()
}
