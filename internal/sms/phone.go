package sms

import (
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// NormalizePhone returns a phone number in E.164 form. A number without its
// country is read as one of defaultRegion (an ISO 3166 code such as BE), and
// refused when that is empty. The error is one sentence.
func NormalizePhone(raw, defaultRegion string) (string, error) {
	number, err := phonenumbers.Parse(strings.TrimSpace(raw), defaultRegion)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return "", fmt.Errorf("%q is not a phone number that exists; write it with its country, for example +32 475 12 34 56", raw)
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}
