package campaign

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"relance/internal/plaintext"
)

// PhoneError says why a text is not a phone number.
type PhoneError struct{ Text, Problem string }

// Error is one sentence.
func (e *PhoneError) Error() string { return fmt.Sprintf("%q %s", e.Text, e.Problem) }

const (
	noSuchPhone  = "is not a phone number that exists; write it with its country, for example +32 475 12 34 56"
	hasExtension = "has an extension, which no message can be sent to; write the number without it"
)

// ParsePhone returns a phone number with its country in E.164 form: "+44 (0)7911 123456"
// and "00447911123456" are +447911123456. It refuses a number without its country, one
// that no country has, one with an extension and one with letters. The error is a
// *PhoneError.
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
		return "", &PhoneError{text, hasExtension}
	case err != nil, strings.ContainsFunc(number, unicode.IsLetter), !phonenumbers.IsValidNumber(parsed):
		return "", &PhoneError{text, noSuchPhone}
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), nil
}

// dialled is a number as people write it for people: digits, marks, an extension.
var dialled = regexp.MustCompile(`^\+?[0-9 ()\[\]+./\\*#\x{2010}-\x{2015}-]+(?i:(?:,|;)?\s*(?:ext|extension|x|poste|app|dw|int|wew)\.?:?\s*[0-9]{1,6})?$`)

// ParseContactPhone reads the number of a contact, which only people dial: one with its
// country as ParsePhone does; one without it, or with an extension, is kept as it is
// written. What nobody could dial is refused, and what ParsePhone refuses of the numbers
// with a country. The error is a *PhoneError.
func ParseContactPhone(text string) (string, error) {
	text = plaintext.Line(text, plaintext.Name)
	number, err := ParsePhone(text)
	if err == nil {
		return number, nil
	}
	digits := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	var wrong *PhoneError
	extended := errors.As(err, &wrong) && wrong.Problem == hasExtension
	national := !strings.HasPrefix(text, "+") && !strings.HasPrefix(text, "00")
	if (extended || national) && digits >= 5 && digits <= 25 && dialled.MatchString(text) {
		return text, nil
	}
	return "", &PhoneError{text, noSuchPhone}
}
