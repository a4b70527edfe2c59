package liquid

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"relance/internal/campaign"
)

// UnsubscribeURL is the variable with the address of the page on which a recipient unsubscribes. It
// is the installation's and no contact's: a field never hides it.
const UnsubscribeURL = "unsubscribe_url"

// Vars are the variables of a contact's templates: first_name, last_name, company,
// email, phone, full_name, every custom field under its key, and all of them once more
// under "contact". A value that is empty or blank is left out: it is no value.
//
// The key of a custom field is its name in lower case, with one _ for every run of
// characters that are neither letters (of any language) nor digits: "Budget (EUR)" is
// budget_eur. A field never hides one of the contact's own names.
func Vars(c campaign.Contact) map[string]any {
	own := map[string]string{
		"first_name": c.FirstName, "last_name": c.LastName, "company": c.Company,
		"email": c.Email, "phone": c.Phone,
		"full_name": strings.TrimSpace(strings.TrimSpace(c.FirstName) + " " + strings.TrimSpace(c.LastName)),
	}
	flat := map[string]any{}
	put := func(key, value string) {
		if value = strings.TrimSpace(value); key != "" && key != "contact" && value != "" && flat[key] == nil {
			flat[key] = value
		}
	}
	for key, value := range own {
		put(key, value)
	}
	// Two fields may come to the same key: the first by name that has a value wins, always.
	for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
		if key := fieldKey(name); own[key] == "" {
			put(key, c.Fields[name])
		}
	}
	vars := maps.Clone(flat)
	vars["contact"] = flat
	return vars
}

// fieldKey turns the name of a field into a name that a template can say.
func fieldKey(name string) string {
	var key strings.Builder
	gap := false
	for _, r := range norm.NFC.String(strings.ToLower(name)) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			gap = true
			continue
		}
		if (gap && key.Len() > 0) || (key.Len() == 0 && unicode.IsDigit(r)) {
			key.WriteByte('_')
		}
		gap = false
		key.WriteRune(r)
	}
	return key.String()
}
