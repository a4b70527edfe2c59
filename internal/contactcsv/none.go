package contactcsv

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// What databases, programs and spreadsheets write where there is no value, in
// the letter case in which they write it. It is no value in any column.
var (
	writtenByMachines = map[string]bool{
		"NULL": true, "null": true, "undefined": true, "NaN": true, "nan": true, "NaT": true, "<NA>": true, `\N`: true, "[object Object]": true,
		"#N/A": true, "#N/A N/A": true, "#N/D": true, "#N/B": true, "#N/V": true, "#NV": true, "#NA": true, "#I/T": true, "#GETTING_DATA": true,
		"N/A": true, "n/a": true, "N/a": true, "n.a.": true, "N.A.": true, "N/D": true, "n/d": true,
	}
	// The errors of a cell in any language (#REF!, #NAME?, #¡VALOR!), and the marks of a column that is too narrow.
	cellError = regexp.MustCompile(`^#([\p{Lu}0-9/_¡¿]+[!?]|#{2,})$`)
	dashes    = regexp.MustCompile(`^[-‐‑‒–—―−]+$`)
)

// What people write where there is no value, lower-cased. In a custom field these
// may be an answer, so they are no value only in the fields of a contact.
var writtenByPeople = func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.SplitSeq(`none|null|nil|na|nan|unknown|undefined|empty|blank|missing|tbd|tba|no name|noname|no value|no data|no email|no phone|no company|
not available|not applicable|not provided|not specified|not set|not known|unnamed|k.a.|k. a.|keine angabe|unbekannt|keine|s/o|sans objet|inconnu|aucun|n.v.t.|nvt|onbekend|geen|
n/a|ohne angabe|s.n.|s/n|nessuno|non disponibile|non specificato|no disponible|no especificado|sin datos|ninguno|não informado|não disponível|nenhum|brak danych|nie podano|nie dotyczy|neznámé|neznáme|neuvedeno|neuvedené|není|žádný|ismeretlen|nincs|nincs adat|nepoznato|necunoscut|
okänd|saknas|ukjent|ukendt|mangler|tuntematon|ei tiedossa|óþekkt|nezināms|nav norādīts|nežinomas|nėra|nenurodyta|puudub|teadmata|bilinmiyor|belirtilmemiş|άγνωστο|άγνωστος|δεν υπάρχει|
неизвестно|неизвестен|нет|нет данных|не указано|не указан|н/д|немає|невідомо|не вказано|няма|неизвестна|無|无|無し|なし|不明|未知|没有|未填写|未填|未登録|없음|미상|모름|غير معروف|غير متوفر|لا يوجد|לא ידוע|אין|desconocido|sin nombre|sconosciuto|desconhecido|nieznany|brak|neznámý|n.d.`, "|") {
		words[strings.TrimSpace(word)] = true
	}
	return words
}()

// areNames are words of writtenByPeople that are names of real people when they
// are written as a name is: Nan Goldin, Jennifer Null, Nil Yalter, Les Blank.
var areNames = map[string]bool{"null": true, "nil": true, "na": true, "nan": true, "blank": true, "brak": true, "empty": true, "keine": true, "geen": true, "aucun": true}

// noValue is true when what stands in a column of the field (empty for a custom
// field) stands for nothing.
func noValue(field, value string) bool {
	const longest = 24 // no word for nothing is longer: most cells are done here
	if value == "" || len(value) > longest {
		return false
	}
	if writtenByMachines[value] || value[0] == '#' && cellError.MatchString(value) || !isLetter(value[0]) && dashes.MatchString(value) || bracketed(value) {
		return true
	}
	if field == "" {
		return false
	}
	if strings.IndexFunc(value, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
		return true
	}
	lower := strings.Trim(strings.ToLower(strings.ReplaceAll(value, " / ", "/")), `.;:,"'`)
	if writtenByPeople[lower+"."] {
		lower += "." // k.A.
	}
	switch field {
	case firstName, lastName, fullName:
		if isFiller(value) {
			return true
		}
	}
	if words := strings.Fields(value); len(words) > 1 && !slices.ContainsFunc(words, isValue) {
		return true // two names that were joined: null null
	}
	if !writtenByPeople[lower] {
		return false
	}
	written := []rune(value)
	asName := unicode.IsUpper(written[0]) && string(written[1:]) == lower[1:]
	switch field {
	case lastName:
		return !(asName && areNames[lower])
	case firstName:
		return !(asName && areNames[lower] && lower != "null" && lower != "blank" && lower != "empty")
	}
	return true
}

func isValue(word string) bool {
	lower := strings.ToLower(word)
	return !writtenByMachines[word] && (!writtenByPeople[lower] || areNames[lower])
}

// isFiller is what stands in a name and names nobody: what is typed into a form that
// insists on one (x, xxx, 0; a capital X may be an initial), the placeholder of a template
// or a header that was never filled in, what a program writes for somebody who is gone.
func isFiller(value string) bool {
	if strings.Trim(value, "+-0123456789") == "" || value != "X" && strings.Trim(strings.ToLower(value), "x") == "" {
		return true
	}
	return fillers[fold(value)] && (value != "True")
}

var fillers = set(`firstname lastname fullname givenname familyname surname forename fname lname yourname name vorname nachname prenom nomdefamille voornaam achternaam apellidos cognome
	nofirstname nolastname nosurname anonymous anonym anonyme anonimo deleted deleteduser formeruser user customer sirmadam true false`)

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// bracketed is (blank), [null], <none> and their like.
func bracketed(value string) bool {
	if len(value) < 3 || !strings.ContainsRune("([<{", rune(value[0])) || !strings.ContainsRune(")]>}", rune(value[len(value)-1])) {
		return false
	}
	inner := strings.ToLower(strings.TrimSpace(value[1 : len(value)-1]))
	switch inner {
	case "vide", "leer", "leeg", "vacío", "vuoto", "vazio", "puste", "n/a", "no name", "without name":
		return true
	}
	return writtenByPeople[inner]
}
