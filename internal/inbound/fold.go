package inbound

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"relance/internal/inbound/pattern"
)

var (
	foldedAddress = pattern.New(`<?[\pL\pN.+=!#$%&'*/?^_{|}~\-]+@[\pL\pN\-]+(?:\.[\pL\pN\-]+)*>?`)
	foldedLink    = pattern.New(`<?(?:https?|ftp)://\S+|\bwww\.\S+`)
	typographic   = strings.NewReplacer("’", "'", "‘", "'", "`", "'", "´", "'", "“", `"`, "”", `"`, "„", `"`, "–", "-", "—", "-", "\u00a0", " ", "\u202f", " ", "ß", "ss", "…", "...")
)

// fold brings text into the form that the rules are written for: lower case, no accents
// on Latin letters, plain quotes, one blank between words.
func fold(text string) string {
	text = strings.ToLower(unaccented(typographic.Replace(text)))
	return strings.Join(strings.Fields(text), " ")
}

// foldWords is fold, with addresses as "addr" and links as "link": neither is a word of
// the sentence, and each may contain any word.
func foldWords(text string) string {
	text = foldedLink.ReplaceAllString(text, " link ")
	return fold(foldedAddress.ReplaceAllString(text, " addr "))
}

// unaccented drops the marks of Latin letters; other scripts stay whole.
func unaccented(s string) string {
	plain := true
	for i := range len(s) {
		plain = plain && s[i] < 0x80
	}
	if plain {
		return s
	}
	var b strings.Builder
	latin := false
	for _, r := range norm.NFD.String(s) {
		if unicode.Is(unicode.Mn, r) && latin {
			continue
		}
		latin = unicode.Is(unicode.Latin, r)
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}
