package contactcsv

import (
	"slices"
	"strings"
)

// qualifiedRank is what a header loses that is known only without a word: Work
// Email Address comes after Email.
const qualifiedRank = 700

// What a header may say besides its field, folded. ofPersons say whose field it
// is, ofWork which address or number, and asked are the questions of a form. An
// owner's, an assistant's or a parent's field is somebody else's and not among them.
var (
	ofPersons = folded(`contacts contact lead prospects prospect person recipient guest invitee attendee participant registrant subscriber member buyer candidate respondent`)
	ofWork    = folded(`work business office professional corporate company primary main preferred default personal private home verified geschaftliche geschaftlicher dienstliche private berufliche рабочий рабочая рабоча личный личная основной основная мобильный робочий робоча`)
	asked     = folded(`whatisyour andwhatisyour whatsyour pleaseenteryour enteryour andyour your`)
	behind    = folded(`контакта professionnel professionnelle pro professional profesional corporativo corporativa aziendale lavoro laboral trabajo geschaftlich dienstlich privat perso personnel personnelle zakelijk sluzbowy`)
	// inBrackets may stand in brackets behind the field.
	inBrackets = folded(`required optional mandatory work business professional primary main personal private home mobile contact lead person office pro erforderlich pflichtfeld optionnel obligatoire requis obligatorio opcional facultatif
		dienstlich geschaftlich privat контакт рабочий мобильный личный professionnel personnel`)
)

// qualified recognises a header that is known but for a word beside it: in
// brackets (First name (required)), before or behind (Invitee Email, E-mail pro),
// or in a second language behind a stroke (First name / Prénom).
func qualified(header string) (place, bool) {
	if open := strings.IndexAny(header, "(["); open > 0 && slices.Contains(inBrackets, fold(header[open:])) {
		if found, ok := recognise(header[:open]); ok && found.field != recordID {
			return later(found), true
		}
	}
	if found, ok := alternatives(header); ok {
		return later(found), true
	}
	whole := fold(header)
	for _, word := range ofPersons {
		if found, ok := bare(strings.CutPrefix(whole, word)); ok {
			if found.field == someName {
				found.field = fullName
			}
			return later(found), true
		}
	}
	for _, word := range asked {
		if found, ok := bare(strings.CutPrefix(whole, word)); ok {
			return later(found), true
		}
	}
	for _, word := range ofWork {
		if found, ok := bare(strings.CutPrefix(whole, word)); ok && (found.field == email || found.field == phone) {
			return later(found), true
		}
	}
	for _, word := range behind {
		if found, ok := bare(strings.CutSuffix(whole, word)); ok && found.field != someName {
			return later(found), true
		}
	}
	return place{}, false
}

// bare is what the rest of a header means that lost a word. A record id needs
// its header whole: a guest's or a company's id is not a contact's.
func bare(rest string, cut bool) (place, bool) {
	found, ok := places[rest]
	return found, cut && ok && found.field != recordID
}

func later(at place) place { return place{at.field, at.rank%qualifiedRank + qualifiedRank} }

// alternatives is the field that each part of "First name / Prénom" means.
func alternatives(header string) (place, bool) {
	parts := strings.FieldsFunc(header, func(r rune) bool { return r == '/' || r == '|' })
	if len(parts) < 2 {
		return place{}, false
	}
	var meant place
	for _, part := range parts {
		found, ok := places[fold(part)]
		switch {
		case !ok || found.field == recordID:
			return place{}, false
		case meant.field == "" || meant.field == someName && isName(found.field):
			meant = found
		case found.field != meant.field && !(found.field == someName && isName(meant.field)):
			return place{}, false
		}
	}
	return meant, true
}

func isName(field string) bool {
	return field == firstName || field == lastName || field == fullName || field == someName
}

// folded is the words of a list as fold writes them.
func folded(words string) []string {
	all := strings.Fields(words)
	for i, word := range all {
		all[i] = fold(word)
	}
	return all
}
