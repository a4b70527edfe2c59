package charset

import (
	"bytes"
	"strings"
)

// What headers and domains say about the language of a file: not which letters
// there are, but which ones to expect.
var (
	byHeader = map[string]string{
		"nazwisko": "pl", "firma": "pl", "prezime": "hr", "ime": "hr", "nume": "ro", "prenume": "ro", "soyad": "tr", "isim": "tr", "eposta": "tr", "e-posta": "tr",
		"vardas": "lt", "vards": "lv", "perekonnanimi": "et", "eesnimi": "et", "nom": "fr", "nachname": "de", "vorname": "de", "apellidos": "es", "nombre": "es", "empresa": "es",
		"cognome": "it", "sobrenome": "pt", "nome": "pt", "efternamn": "nordic", "fornavn": "nordic", "etternavn": "nordic", "efternavn": "nordic", "sukunimi": "nordic", "etunimi": "nordic",
		"voornaam": "nl", "spolecnost": "cs", "telefonszam": "hu",
	}
	byDomain = map[string]string{
		"pl": "pl", "cz": "cs", "sk": "cs", "hu": "hu", "hr": "hr", "rs": "hr", "si": "hr", "ba": "hr", "ro": "ro", "tr": "tr", "lt": "lt", "lv": "lv", "ee": "et", "fr": "fr", "de": "de", "at": "de", "es": "es", "mx": "es", "ar": "es",
		"pt": "pt", "br": "pt", "it": "it", "se": "nordic", "no": "nordic", "dk": "nordic", "fi": "nordic", "is": "is", "ru": "ru", "by": "ru", "ua": "uk", "bg": "uk", "gr": "el", "cy": "el", "il": "he", "sa": "ar", "eg": "ar", "ae": "ar",
		"th": "th", "jp": "ja", "cn": "zh", "tw": "zh-hant", "hk": "zh-hant", "kr": "ko",
	}
)

// hints returns how much each language is to be expected.
func hints(content []byte) map[string]float64 {
	const header, domain = 3, 3
	speaks := map[string]float64{}
	content = content[:min(len(content), 64<<10)]
	first := content[:min(len(content), 1<<10)]
	if end := bytes.IndexAny(first, "\r\n"); end > 0 {
		first = first[:end]
	}
	cells := strings.FieldsFunc(strings.ToLower(string(first)), func(r rune) bool { return strings.ContainsRune(",;\t|\" ", r) })
	for _, cell := range cells {
		if language := byHeader[cell]; language != "" {
			speaks[language] = header
		}
	}
	seen := map[string]int{}
	addresses := 0
	for rest := content; ; {
		at := bytes.IndexByte(rest, '@')
		if at < 0 {
			break
		}
		rest = rest[at+1:]
		end := bytes.IndexFunc(rest, func(r rune) bool {
			return r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		})
		if end < 0 {
			end = len(rest)
		}
		addresses++
		name := strings.ToLower(string(rest[:end]))
		seen[byDomain[name[strings.LastIndexByte(name, '.')+1:]]]++
	}
	for language, n := range seen {
		if language != "" && n*3 >= addresses {
			speaks[language] += domain
		}
	}
	return speaks
}
