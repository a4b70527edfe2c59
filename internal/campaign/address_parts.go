package campaign

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// localPart checks the part before the @ and returns its canonical form.
func localPart(text string) (local, problem string) {
	local = norm.NFC.String(strings.ToLower(norm.NFC.String(text)))
	if len(local) < 2 || local[0] != '"' || local[len(local)-1] != '"' {
		return local, dotAtom(local)
	}
	inside, problem := unquote(local[1 : len(local)-1])
	switch {
	case problem != "":
		return "", problem
	case inside != "" && dotAtom(inside) == "":
		return inside, "" // the quotes say nothing (RFC 5321 §4.1.2)
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(inside) + `"`, ""
}

// dotAtom says what keeps a local part from being written without quotes.
func dotAtom(local string) (problem string) {
	switch {
	case strings.ContainsRune(local, '@'):
		return "there is more than one @"
	case strings.ContainsFunc(local, unicode.IsSpace):
		return "there is a space in it"
	case strings.Contains(local, ".."):
		return "there are two dots in a row"
	case local[0] == '.' || local[len(local)-1] == '.':
		return "there is a dot at the beginning or the end of the part before the @"
	}
	for _, r := range local {
		if r < utf8.RuneSelf && !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", r)) {
			return fmt.Sprintf("the character %q is not allowed before the @", r)
		}
		if r >= utf8.RuneSelf && !unicode.IsPrint(r) {
			return fmt.Sprintf("the character %q is not allowed before the @", r)
		}
	}
	return ""
}

// unquote reads the inside of "a b"@example.com.
func unquote(inside string) (text, problem string) {
	var b strings.Builder
	for i := 0; i < len(inside); i++ {
		switch c := inside[i]; {
		case c == '\\' && i+1 < len(inside):
			i++
		case c == '\\' || c == '"':
			return "", "the quotes before the @ do not match"
		}
		if c := inside[i]; c < ' ' || c == 0x7f {
			return "", "there is a control character in it"
		}
		b.WriteByte(inside[i])
	}
	return b.String(), ""
}

// domainName checks a domain and returns it in letters and as the wire has it.
func domainName(text string) (letters, ascii, problem string) {
	if text == "" {
		return "", "", "there is nothing after the @"
	}
	text = strings.TrimSuffix(text, ".") // the root
	if problem := labels(strings.ToLower(text)); problem != "" {
		return "", "", problem
	}
	ascii, err := idna.Lookup.ToASCII(text)
	if err == nil {
		letters, err = idna.Lookup.ToUnicode(ascii)
	}
	if err != nil {
		return "", "", fmt.Sprintf("the domain %q does not exist in any spelling", text)
	}
	// What has been mapped (。 is a dot, Ａ an a) is looked at again.
	if problem := labels(ascii); problem != "" {
		return "", "", problem
	}
	return letters, ascii, ""
}

// labels says what is wrong with the parts of a domain.
func labels(domain string) (problem string) {
	switch {
	case strings.ContainsFunc(domain, unicode.IsSpace):
		return "there is a space in it"
	case strings.HasPrefix(domain, "["):
		return "the part after the @ is no domain name"
	}
	parts := strings.Split(domain, ".")
	if len(parts) < 2 && !strings.ContainsAny(domain, "\u3002\uff0e\uff61") { // the dots of other keyboards (UTS 46 §2.3)
		return fmt.Sprintf("the domain %q has no dot", domain)
	}
	for _, label := range parts {
		switch {
		case label == "":
			return "there is a dot too many in the domain"
		case label[0] == '-' || label[len(label)-1] == '-':
			return fmt.Sprintf("the part %q of the domain begins or ends with a hyphen", label)
		case len(label) > 63:
			if isASCII(label) {
				return "a part of the domain is longer than 63 bytes"
			}
		}
		for _, r := range label {
			if r < utf8.RuneSelf && r != '-' && !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') {
				return fmt.Sprintf("the character %q is not allowed in a domain", r)
			}
		}
	}
	if strings.Trim(parts[len(parts)-1], "0123456789") == "" {
		return "the domain ends in a number"
	}
	return ""
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}
