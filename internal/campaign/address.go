package campaign

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"relance/internal/plaintext"
)

// AddressError says why a text is not an email address.
type AddressError struct{ Text, Problem string }

// Error is one sentence.
func (e *AddressError) Error() string {
	return fmt.Sprintf("%q is not an email address: %s", e.Text, e.Problem)
}

// ParseAddress reads one email address as people and programs write it, a@b, Name <a@b>
// or mailto:a@b, and returns it bare, in the one form in which addresses are stored and
// compared: two spellings of one mailbox give the same text. That form is lower case and
// NFC, its domain in letters (the U-label of xn--…, RFC 5890 §2.3.2.1) and without a
// final dot, its local part without quotes that it does not need. The error is an
// *AddressError.
//
// The rules are RFC 5321 §4.1.2 and §4.5.3.1 with RFC 6531 (letters of every script),
// less what no mail server on the internet accepts: address literals and domains without
// a dot. Local parts are compared in lower case, which RFC 5321 §2.4 leaves to their
// servers and which nearly all of them do.
func ParseAddress(text string) (string, error) {
	local, domain, problem := splitAddress(undressed(text))
	if problem != "" {
		return "", &AddressError{plaintext.Line(text, plaintext.Name), problem}
	}
	return local + "@" + domain, nil
}

// Spellings returns the forms in which a release without ParseAddress may have stored an
// address, the form of ParseAddress first: they are one mailbox. A text that is not an
// address is its only spelling, in lower case.
func Spellings(address string) []string {
	local, domain, problem := splitAddress(undressed(address))
	if problem != "" {
		return []string{strings.ToLower(strings.TrimSpace(address))}
	}
	domains := []string{domain}
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		domains = append(domains, ascii)
	}
	var all []string
	for _, domain := range append(domains, norm.NFD.String(domain)) {
		for _, local := range []string{local, norm.NFD.String(local)} {
			if spelling := local + "@" + domain; !slices.Contains(all, spelling) {
				all = append(all, spelling)
			}
		}
	}
	return all
}

// undressed takes an address out of what is put around it.
func undressed(text string) string {
	text = strings.Map(func(r rune) rune {
		switch r {
		case '\u00ad', '\u061c', '\u200e', '\u200f': // a soft hyphen, direction marks
			return -1
		}
		return r
	}, plaintext.Line(text, 0))
	if bare, ok := strings.CutSuffix(text, ">"); ok {
		if i := strings.LastIndexByte(bare, '<'); i >= 0 {
			text = strings.TrimSpace(bare[i+1:])
		}
	}
	const scheme = "mailto:" // RFC 6068
	if len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
		bare, _, _ := strings.Cut(text[len(scheme):], "?")
		if decoded, err := url.PathUnescape(bare); err == nil {
			bare = plaintext.Line(decoded, 0)
		}
		text = bare
	}
	return text
}

// splitAddress checks a bare address and returns its canonical parts, or what is wrong.
func splitAddress(s string) (local, domain, problem string) {
	at := strings.LastIndexByte(s, '@')
	switch {
	case at < 0:
		return "", "", "there is no @"
	case strings.ContainsRune(s, unicode.ReplacementChar):
		return "", "", "it is not readable text"
	case at == 0:
		return "", "", "there is nothing before the @"
	}
	if local, problem = localPart(s[:at]); problem != "" {
		return "", "", problem
	}
	domain, ascii, problem := domainName(s[at+1:])
	switch {
	case problem != "":
		return "", "", problem
	case len(local) > 64:
		return "", "", "the part before the @ is longer than 64 bytes"
	case len(local)+1+len(ascii) > 254:
		return "", "", "it is longer than 254 bytes"
	}
	return local, domain, ""
}
