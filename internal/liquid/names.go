package liquid

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"relance/internal/nearest"
)

// fields are a contact's variables by key; none is blank.
type fields map[string]string

// value is the variable that a template names, in whatever way it spells the name:
// firstName, First Name and first-name are first_name.
func (f fields) value(name string) value {
	if key, ok := f.key(name); ok {
		return value{v: f[key], from: key}
	}
	return value{missing: keyOf(name)}
}

// key is the key of the variable that the contact has under this name.
func (f fields) key(name string) (string, bool) {
	for _, key := range []string{name, fieldKey(name), keyOf(name)} {
		if f[key] != "" {
			return key, true
		}
	}
	folded := squeeze(name)
	for _, key := range slices.Sorted(maps.Keys(f)) {
		if squeeze(key) == folded && f[key] != "" {
			return key, true
		}
	}
	if own := usual[folded]; f[own] != "" {
		return own, true
	}
	return "", false
}

// keyOf is the key of the field that fills in a name: what a contact must be given.
func keyOf(name string) string {
	for _, own := range ownNames {
		if squeeze(own) == squeeze(name) {
			return own
		}
	}
	return fieldKey(name)
}

// usual are what other products call the variables that every contact can have. A
// contact's field of such a name goes first.
var usual = map[string]string{
	"fname": "first_name", "givenname": "first_name", "forename": "first_name", "contactfirstname": "first_name",
	"lname": "last_name", "surname": "last_name", "familyname": "last_name", "contactlastname": "last_name",
	"name": "full_name", "contactname": "full_name",
	"companyname": "company", "organization": "company", "organisation": "company", "organizationname": "company", "organisationname": "company", "accountname": "company",
	"emailaddress": "email", "phonenumber": "phone",
}

// squeeze is a name's letters and digits, without case and accents.
func squeeze(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, norm.NFKD.String(strings.ToLower(name)))
}

// meantBy is the variable that a name of another product most likely means.
func meantBy(name string) string {
	if own, ok := usual[squeeze(name)]; ok {
		return own
	}
	if own := near(keyOf(name), ownNames); own != "" {
		return own
	}
	return keyOf(name)
}

// Meant is the one of the known names that a misspelt variable most likely means, ""
// when none is near. A name that is known, however it is spelt, needs no other.
func Meant(name string, known []string) string {
	all := slices.Concat(ownNames, known)
	_, own := usual[squeeze(name)]
	if own || slices.ContainsFunc(all, func(k string) bool { return squeeze(k) == squeeze(name) }) {
		return ""
	}
	return near(fieldKey(name), all)
}

// near is the word that this one is a misspelling of, "" when none is near.
func near(given string, words []string) string {
	return nearest.Word(given, words, max(1, min(utf8.RuneCountInString(given)/4, 2)))
}
