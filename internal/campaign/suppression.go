package campaign

import (
	"fmt"
	"slices"
	"strings"

	"relance/internal/plaintext"
)

// SuppressionTarget reads what is to be suppressed, an address or a domain (contoso.example or
// @contoso.example), and returns it in the form in which it is stored. The error is one sentence.
func SuppressionTarget(text string) (string, error) {
	bare := undressed(text)
	if strings.LastIndexByte(bare, '@') > 0 {
		return ParseAddress(text)
	}
	domain, _, problem := domainName(strings.TrimPrefix(bare, "@"))
	if problem != "" {
		return "", fmt.Errorf("%q is neither an address nor a domain (%s); expected jo@contoso.example or contoso.example", plaintext.Line(text, plaintext.Name), problem)
	}
	return domain, nil
}

// SuppressionSpellings are the texts that contacts' addresses are compared with: the whole
// addresses, and the domains.
func SuppressionSpellings(targets ...string) (addresses, domains []string) {
	for _, target := range targets {
		if strings.Contains(target, "@") {
			addresses = append(addresses, Spellings(target)...)
			continue
		}
		for _, spelling := range Spellings("x@" + target) {
			if domain := strings.TrimPrefix(spelling, "x@"); !slices.Contains(domains, domain) {
				domains = append(domains, domain)
			}
		}
	}
	return addresses, domains
}
