package contactcsv

import (
	"slices"
	"strings"
	"unicode"
)

// names fills first and last name: from their own columns, else from the whole
// name, else from Name <a@b>. What stands around a name (a title, a degree, a
// company in brackets) is kept in custom fields.
func (b *builder) names() {
	given, family := b.nameOf(firstName), b.nameOf(lastName)
	title, words := takeTitles(strings.Fields(given))
	b.contact.FirstName = strings.Join(words, " ")
	titleOfFamily, words := takeTitles(strings.Fields(family))
	if len(words) > 0 { // "Frau" alone may be a surname
		family, title = strings.Join(words, " "), strings.TrimSpace(title+" "+titleOfFamily)
	}
	family, suffix := cutSuffix(family)
	b.contact.LastName = family
	b.around(personName{title: title, suffix: suffix})
	if b.contact.FirstName != "" || b.contact.LastName != "" {
		return
	}
	for _, i := range b.plan.sources[fullName] {
		// Outlook's display name is the address itself when it knows no name.
		whole := withoutPictures(line(b.cell(i)))
		if whole == "" || strings.ContainsRune(whole, '@') {
			continue
		}
		name := splitName(whole)
		if name.first == "" && name.last == "" && name.title == "" {
			b.file.note(b.line, b.plan.columns[i].Header, whole, noValueProblem)
			b.used[i] = true
			continue
		}
		b.used[i] = true
		b.whole(name)
		return
	}
	if named := line(b.named); !strings.ContainsRune(named, '@') && !noValue(fullName, named) {
		b.whole(splitName(named))
	}
}

// nameOf is the first cell of the field that is a name and no address.
func (b *builder) nameOf(field string) string {
	for _, i := range b.plan.sources[field] {
		value := unquote(withoutPictures(line(b.cell(i))))
		if value == "" {
			continue
		}
		if strings.ContainsRune(value, '@') {
			if _, problem := Address(value); problem == "" {
				b.file.report(b.line, b.plan.columns[i].Header, value, "an address stands where a name is expected; it is kept as a custom field")
				continue
			}
		}
		b.used[i] = true
		return value
	}
	return ""
}

func (b *builder) whole(name personName) {
	b.contact.FirstName, b.contact.LastName = name.first, name.last
	b.around(name)
}

// around keeps what stood around a name.
func (b *builder) around(name personName) {
	for _, part := range [][2]string{{"Salutation", name.title}, {"Suffix", name.suffix}, {"Name note", name.note}} {
		if part[1] != "" && b.contact.Fields[part[0]] == "" && !b.hasColumn(part[0]) {
			b.keep(part[0], part[1])
		}
	}
}

// hasColumn is true when the file has a custom column of that name.
func (b *builder) hasColumn(name string) bool {
	return slices.Contains(b.plan.names, name)
}

// personName is a whole name in its parts.
type personName struct{ title, first, last, suffix, note string }

// splitName cuts a whole name: "Lovelace, Ada" at its comma, else after the
// first word ("Ada van der Berg"). Titles, degrees and what stands in brackets
// are taken off before. One word is a first name, or a last name after a title.
// In Chinese, Japanese and Korean the family name stands first.
func splitName(whole string) personName {
	var name personName
	whole, name.note = takeBrackets(unquote(whole))
	whole, after := takeBehind(whole)
	name.note = strings.TrimSpace(name.note + " " + after)
	parts := strings.Split(whole, ",")
	kept := parts[:0]
	for i, part := range parts {
		part = strings.TrimSpace(part)
		words := slices.DeleteFunc(strings.Fields(part), func(word string) bool { return writtenByMachines[word] || word == "None" })
		switch part = strings.Join(words, " "); {
		case part == "":
		case i > 0 && allSuffixes(words):
			name.suffix = strings.TrimSpace(name.suffix + " " + part)
		case i > 0 && allTitles(words):
			name.title = strings.TrimSpace(name.title + " " + part)
		case i > 0 && (companies[fold(words[len(words)-1])] || slices.ContainsFunc(words, func(word string) bool { return jobs[fold(word)] })):
			name.note = strings.TrimSpace(name.note + " " + part)
		default:
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 {
		return name
	}
	if len(kept) == 2 {
		name.inverted(kept[0], kept[1])
		return name
	}
	title, words := takeTitles(strings.Fields(strings.Join(kept, ", ")))
	name.title = strings.TrimSpace(title + " " + name.title)
	words, suffix := takeSuffixes(words)
	name.suffix = strings.TrimSpace(suffix + " " + name.suffix)
	name.straight(words)
	return name
}

// straight is the usual order: given names first.
func (n *personName) straight(words []string) {
	switch {
	case len(words) == 0:
	case len(words) == 1 && n.title != "" && !givenAfter(n.title), len(words) > 1 && isParticle(words[0]):
		n.last = strings.Join(words, " ")
	case len(words) > 1 && eastAsian(strings.Join(words, "")):
		n.first, n.last = strings.Join(words[1:], " "), words[0]
	case len(words) > 3 && isJoin(words[1]): // "John & Jane Smith"
		n.first, n.last = strings.Join(words[:3], " "), strings.Join(words[3:], " ")
	default:
		n.first, n.last = words[0], strings.Join(words[1:], " ")
	}
}

// inverted is "Berg, Jan van der".
func (n *personName) inverted(family, given string) {
	title, words := takeTitles(strings.Fields(given))
	titleOfFamily, familyWords := takeTitles(strings.Fields(family))
	if len(familyWords) == 0 {
		familyWords, titleOfFamily = strings.Fields(family), ""
	}
	n.title = strings.TrimSpace(strings.TrimSpace(titleOfFamily+" "+title) + " " + n.title)
	words, suffix := takeSuffixes(words)
	familyWords, suffixOfFamily := takeSuffixes(familyWords)
	n.suffix = strings.TrimSpace(strings.TrimSpace(suffixOfFamily+" "+suffix) + " " + n.suffix)
	last := len(words)
	for last > 1 && isParticle(words[last-1]) {
		last--
	}
	n.first = strings.Join(words[:last], " ")
	n.last = strings.Join(append(slices.Clone(words[last:]), familyWords...), " ")
}

// cutSuffix takes degrees and Jr. off a surname.
func cutSuffix(family string) (rest, suffix string) {
	before, after, comma := strings.Cut(family, ",")
	if comma && allSuffixes(strings.Fields(strings.ReplaceAll(after, ",", " "))) {
		return strings.TrimSpace(before), strings.TrimSpace(after)
	}
	words, suffix := takeSuffixes(strings.Fields(family))
	return strings.Join(words, " "), suffix
}

func allTitles(words []string) bool {
	return len(words) > 0 && !slices.ContainsFunc(words, func(word string) bool { return !isTitle(word) })
}

// isParticle is true for van, de, von … in small letters.
func isParticle(word string) bool { return particles[word] }

// givenAfter is true for titles that stand before a given name: Sir Elton.
func givenAfter(title string) bool {
	switch fold(title) {
	case "sir", "dame":
		return true
	}
	return false
}

// eastAsian is true for a name that is written in the scripts of China, Japan
// and Korea, but for katakana, in which foreign names are written.
func eastAsian(name string) bool {
	for _, r := range name {
		if !unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana) {
			return false
		}
	}
	return name != ""
}
