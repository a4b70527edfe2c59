package reply

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// mostText is how much of a reply is read. A line may have 512 octets (RFC 5321
// §4.5.3.1.5); what matters comes first, and a server must not be able to keep us busy.
const mostText = 2000

var (
	links     = regexp.MustCompile(`<?(?:https?|ftp)://\S+|\bwww\.\S+`)
	mailboxes = regexp.MustCompile(`[\w.+=!#$%&'*/?^{|}~\-]+@[\w\-]+(?:\.[\w\-]+)*|<[^<>\s]*@[^<>\s]*>`)
	// Each line of a multi-line reply repeats the enhanced code; between words it would part phrases.
	lineCode = regexp.MustCompile(`(?m)^\s*#?[245]\.[0-9]{1,3}\.[0-9]{1,3}\b[ \t]*`)
	// "(#5.1.1)" at the end of a sentence would hide the end.
	marks  = regexp.MustCompile(`\(?#[245]\.[0-9]{1,3}\.[0-9]{1,3}\)?`)
	blanks = regexp.MustCompile(`\s+`)
	// "relay=[192.0.2.1]", "dsn=5.7.1": what a log adds is no word of the sentence.
	fields = regexp.MustCompile(`\b(?:relay|client|helo|proto|from|to|sender|rcpt|recipient|dsn|stat)=(?:\[[^\]]*\]|<[^>]*>|\S+)`)
	// "doesn't" and "does not" are one word to the rules; so are "can't" and "cannot".
	negations = regexp.MustCompile(`\b(is|are|was|were|does|do|did|has|have|had|must|should|could|would)n'?t\b`)
	typograph = strings.NewReplacer("’", "'", "‘", "'", "`", "'", "´", "'", "“", `"`, "”", `"`, " ", " ", "–", "-", "—", "-")
)

// fold brings a reply's words into the one form that the rules are written for: lower
// case, no accents, plain quotes, single blanks. Addresses become "addr" and links "link",
// because an address may contain "spam" and a help page's name is not evidence.
func fold(text string) (words, withLinks string) {
	if len(text) > mostText {
		text = text[:mostText]
	}
	text = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n").Replace(text)
	text = lineCode.ReplaceAllString(text, "")
	text = marks.ReplaceAllString(text, " ")
	text = typograph.Replace(text)
	text = strings.ToLower(unaccent(text))
	text = negations.ReplaceAllString(text, "$1 not")
	text = strings.NewReplacer("can't", "cannot", "won't", "will not").Replace(text)
	withLinks = strings.TrimSpace(blanks.ReplaceAllString(text, " "))
	words = links.ReplaceAllString(text, " link ")
	words = fields.ReplaceAllString(words, "")
	words = mailboxes.ReplaceAllString(words, "addr")
	words = strings.TrimSpace(blanks.ReplaceAllString(words, " "))
	return words, withLinks
}

// unaccent drops combining marks from Latin letters and leaves other scripts whole:
// Japanese voiced sounds and Cyrillic й are marks to Unicode, but not to a reader.
func unaccent(s string) string {
	ascii := true
	for i := range len(s) {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if ascii {
		return s
	}
	var b strings.Builder
	latin := false
	for _, r := range norm.NFD.String(strings.ToValidUTF8(s, "?")) {
		if unicode.Is(unicode.Mn, r) && latin {
			continue
		}
		latin = unicode.Is(unicode.Latin, r)
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}
