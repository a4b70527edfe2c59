package contactcsv

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Address checks one bare address and returns it with its domain lower-cased,
// or says what is wrong with it. The rules are RFC 5321 §4.1.2 and §4.5.3.1
// with RFC 6531 (letters of every script), less what no mail server on the
// internet accepts: address literals and domains without a dot.
func Address(s string) (clean, problem string) {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "", "there is no @"
	}
	local, domain := s[:at], s[at+1:]
	switch {
	case !utf8.ValidString(s):
		return "", "it is not readable text"
	case local == "":
		return "", "there is nothing before the @"
	case domain == "":
		return "", "there is nothing after the @"
	case len(local) > 64:
		return "", "the part before the @ is longer than 64 bytes"
	case len(s) > 254:
		return "", "it is longer than 254 bytes"
	}
	if len(local) >= 2 && local[0] == '"' && local[len(local)-1] == '"' {
		problem = quotedLocal(local[1 : len(local)-1])
	} else {
		problem = plainLocal(local)
	}
	if problem == "" {
		domain = strings.ToLower(domain)
		problem = domainProblem(domain)
	}
	if problem != "" {
		return "", problem
	}
	return local + "@" + domain, ""
}

func plainLocal(local string) string {
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

// quotedLocal checks the inside of "a b"@example.com.
func quotedLocal(inside string) string {
	for i := 0; i < len(inside); i++ {
		switch c := inside[i]; {
		case c == '\\' && i+1 < len(inside):
			i++
		case c == '\\' || c == '"':
			return "the quotes before the @ do not match"
		case c < ' ' || c == 0x7f:
			return "there is a control character in it"
		}
	}
	return ""
}

func domainProblem(domain string) string {
	if strings.ContainsFunc(domain, unicode.IsSpace) {
		return "there is a space in it"
	}
	if domain[0] == '[' {
		return "the part after the @ is no domain name"
	}
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return fmt.Sprintf("the domain %q has no dot", domain)
	}
	for _, label := range labels {
		switch {
		case label == "":
			return "there is a dot too many in the domain"
		case len(label) > 63:
			return "a part of the domain is longer than 63 bytes"
		case label[0] == '-' || label[len(label)-1] == '-':
			return fmt.Sprintf("the part %q of the domain begins or ends with a hyphen", label)
		}
		for _, r := range label {
			if r != '-' && !unicode.In(r, unicode.Letter, unicode.Mark, unicode.Nd) || r < utf8.RuneSelf && r != '-' && !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') {
				return fmt.Sprintf("the character %q is not allowed in a domain", r)
			}
		}
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return "the domain ends in a number"
	}
	return ""
}
