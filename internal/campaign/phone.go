package campaign

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"relance/internal/plaintext"
)

// ParsePhone returns a phone number with its country in E.164 form: "+44 (0)7911 123456"
// and "00447911123456" are +447911123456. It refuses a number without its country, one
// that no country has, one with an extension and one with letters. The error is one
// sentence.
func ParsePhone(text string) (string, error) {
	text = plaintext.Line(text, plaintext.Name)
	number := text
	if len(number) > 4 && strings.EqualFold(number[:4], "tel:") { // RFC 3966
		number = number[4:]
	}
	if rest, ok := strings.CutPrefix(strings.TrimSpace(number), "00"); ok {
		number = "+" + rest
	}
	parsed, err := phonenumbers.Parse(number, "")
	switch {
	case err == nil && parsed.GetExtension() != "":
		return "", fmt.Errorf("%q has an extension, which no message can be sent to; write the number without it", text)
	case err != nil, strings.ContainsFunc(number, unicode.IsLetter), !phonenumbers.IsValidNumber(parsed):
		return "", fmt.Errorf("%q is not a phone number that exists; write it with its country, for example +32 475 12 34 56", text)
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), nil
}
