// Package answer finds what the sender of a mail has written himself: the text without
// the mails that it quotes, without their headers, and without the signature.
//
// It knows how mail programs write these things in a dozen languages, and nothing else.
// Where it cannot tell, text stays: an answer that is too long is read by a person, one
// that is too short is not.
package answer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"relance/internal/inbound/pattern"
)

// Of returns the sender's own words in a plain text. Lines that begin with ">" are
// quoted. What stands below or between quotes is the sender's too; below a header such as
// "-----Original Message-----" everything is quoted.
func Of(text string) string {
	lines := strings.Split(plainBlanks.Replace(text), "\n")
	var kept []string
	parted := false
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if strings.HasPrefix(line, ">>") && arrows.MatchString(line) && !quoteFollows(lines[i+1:]) {
			break // as GroupWise quotes without marks
		}
		if isQuoted(line) || spilled(lines, i) {
			continue
		}
		if n := attribution(lines[i:]); n > 0 {
			if own := ownBefore(line); own != "" {
				kept = append(kept, own)
			}
			if !quoteFollows(lines[i+n:]) {
				break // the program quotes without marks: all of the rest
			}
			i += n - 1
			continue
		}
		if beginsQuote(lines[i:]) {
			break
		}
		dashes := !parted && isDashes(line)
		parted = parted || dashes // further ones part the text as well
		if isSignature(line) || dashes && endsSoon(lines[i+1:]) {
			at := markedBelow(lines[i+1:])
			if at < 0 {
				break
			}
			i += at // some write below their signature, under a quote
			continue
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

// arrows is a line like ">>> Bob <bob@example.com> 3/2/2026 10:00 AM >>>".
var arrows = pattern.New(`^>>>? .{3,200}\d{1,2}[:.]\d{2}.{0,12} >>>?$`)

func isQuoted(line string) bool {
	return strings.HasPrefix(line, ">") || strings.HasPrefix(line, "|>") || strings.HasPrefix(line, "&gt;")
}

// markedBelow is where the first marked quote below a signature begins; -1 if there is none,
// or if a quote without marks begins before it.
func markedBelow(lines []string) int {
	for i, l := range lines {
		if isQuoted(strings.TrimSpace(l)) {
			return i
		}
		if n := attribution(lines[i:]); n > 0 && !quoteFollows(lines[i+n:]) || beginsQuote(lines[i:]) {
			return -1
		}
	}
	return -1
}

// fullLine is the length up to which a quoted line had room for the word below it.
const fullLine = 72

// spilled says whether a line is the end of the quoted line above it, which a program has
// broken without a mark of its own: that one is full and ends within a sentence, this one
// goes on with a small letter or is the link of a footer, and the quote goes on or ends below.
func spilled(lines []string, i int) bool {
	line := strings.TrimSpace(lines[i])
	if i == 0 || line == "" {
		return false
	}
	above := strings.TrimSpace(lines[i-1])
	word, more, _ := strings.Cut(line, " ")
	if !isQuoted(above) || utf8.RuneCountInString(above)+1+utf8.RuneCountInString(word) <= fullLine {
		return false
	}
	if more == "" && strings.Contains(word, "://") {
		return strings.HasSuffix(above, ":") && quoteOrBlank(lines[i+1:])
	}
	// Below a link somebody may well have begun to write.
	last := above[strings.LastIndex(above, " ")+1:]
	return startsSmall(line) && !strings.ContainsAny(above[len(above)-1:], ".!?") && !strings.Contains(last, "://") && quoteOrBlank(lines[i+1:])
}

// quoteOrBlank says whether the first of these lines is quoted or empty, or there is none.
func quoteOrBlank(lines []string) bool {
	if len(lines) == 0 {
		return true
	}
	line := strings.TrimSpace(lines[0])
	return line == "" || isQuoted(line)
}

// startsSmall says whether a line begins with a small letter.
func startsSmall(line string) bool {
	r, _ := utf8.DecodeRuneInString(line)
	return unicode.IsLower(r)
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
