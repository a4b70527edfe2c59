package contactcsv

import "strings"

// names fills first and last name: from their own columns, else from the whole
// name, else from Name <a@b>.
func (b *builder) names() {
	b.contact.FirstName = b.first(firstName)
	b.contact.LastName = b.first(lastName)
	if b.contact.FirstName != "" || b.contact.LastName != "" {
		return
	}
	for _, i := range b.plan.sources[fullName] {
		// Outlook's display name is the address itself when it knows no name.
		if whole := line(b.cell(i)); whole != "" && !strings.ContainsRune(whole, '@') {
			b.used[i] = true
			b.contact.FirstName, b.contact.LastName = splitName(whole)
			return
		}
	}
	if named := line(b.named); !strings.ContainsRune(named, '@') {
		b.contact.FirstName, b.contact.LastName = splitName(named)
	}
}

// splitName cuts a whole name: "Lovelace, Ada" at its comma, else after the
// first word ("Ada van der Berg"). One word is a first name.
func splitName(whole string) (first, last string) {
	if before, after, ok := strings.Cut(whole, ","); ok && !strings.ContainsRune(after, ',') && !suffix(after) {
		return strings.TrimSpace(after), strings.TrimSpace(before)
	}
	first, last, _ = strings.Cut(whole, " ")
	return first, last
}

// suffix is true for what follows a comma without being a first name.
func suffix(s string) bool {
	switch fold(s) {
	case "", "jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "esq", "cpa", "msc", "bsc", "dds":
		return true
	}
	return false
}
