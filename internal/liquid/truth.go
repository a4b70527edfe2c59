package liquid

import (
	"slices"
	"strings"
)

// truth is what {% if x %} asks. A text is true unless its writer says false: files
// hold the truth values of other products as false, no or 0.
//
// NO is Norway too, and F a woman. Words that are codes as well say false only where a
// truth value is likely: not in the contact's own names and addresses, not in a field
// that is named for codes (country, language, gender), and not in one that the template
// also prints, for nobody prints a truth value. There {% if x %} asks for any value.
func (r *run) truth(x value) bool {
	switch v := x.v.(type) {
	case nil, empty:
		return false
	case bool:
		return v
	case string:
		if isBlank(v) {
			return x.from == "" // a contact's blank value is missing; a template's '' is Liquid's, and true
		}
		said, sure := truthOf(v)
		switch {
		case !sure || said || slices.Contains(ownNames, x.from):
			return true
		case slices.Contains(alwaysFalse, strings.ToLower(trimSpace(v))) || x.from == "":
			return false
		}
		return holdsCodes(x.from) || r.prints[squeeze(x.from)]
	}
	return true
}

// alwaysFalse are the words that are nothing but a truth value, or a number.
var alwaysFalse = []string{"false", "0"}

// holdsCodes is true for a field that is named for codes of letters, of which NO, F and
// N are some.
func holdsCodes(key string) bool {
	for word := range strings.SplitSeq(key, "_") {
		switch word {
		case "country", "countrycode", "nationality", "language", "lang", "locale", "gender", "sex", "grade", "initial", "initials", "code",
			"pays", "langue", "genre", "sexe", "land", "sprache", "geschlecht", "pais", "idioma", "genero", "sexo", "paese", "lingua", "sesso", "taal", "geslacht", "kraj":
			return true
		}
	}
	return false
}

var truths = map[string]bool{}

func init() {
	for _, word := range strings.Fields("true t yes y 1 on wahr ja vrai oui vero sì si sí verdadero sim prawda tak waar") {
		truths[word] = true
	}
	for _, word := range strings.Fields("false f no n 0 off falsch nein faux non falso não fałsz nie onwaar nee") {
		truths[word] = false
	}
}

// truthOf reads a text as a truth value, in the words that spreadsheets and CRMs export.
func truthOf(text string) (said, sure bool) {
	said, sure = truths[strings.ToLower(trimSpace(text))]
	return said, sure
}
