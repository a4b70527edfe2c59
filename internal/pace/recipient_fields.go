package pace

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// whereabout is one of the things that a contact's fields can say of a zone.
type whereabout int

const (
	zoneField whereabout = iota
	countryField
	stateField
	cityField
	places
)

// fieldNames are the headers that exports have for them, folded, the contact's own before
// those of an office or a company: HubSpot's "State/Region" and "IP Country", Salesforce's
// "Mailing Country", Google's "Address 1 - Region", Outlook's "Business Country/Region",
// Apollo's "Company City", and the words of other languages.
var fieldNames = map[whereabout]string{
	zoneField: "timezone timezoneid timezonename tz hstimezone ianatimezone contacttimezone leadtimezone preferredtimezone timezonesidkey localtimezone zeitzone fuseauhoraire tijdzone zonahoraria husohorario fusoorario fusohorario strefaczasowa" +
		" usertimezone iptimezone companytimezone accounttimezone",
	countryField: "country countryregion countryterritory countrycode countryname isocountry countryiso personcountry contactcountry leadcountry mailingcountry mailingcountrycode mailingcountryterritory land landregion pays paysregion paese paesearea pais paisregion kraj krajregion landcode codepays" +
		" address1country workcountry businesscountry businesscountryregion officecountry homecountry homecountryregion othercountry othercountryregion billingcountry shippingcountry companycountry companyhqcountry accountcountry organizationcountry hqcountry ipcountry ipcountrycode",
	stateField: "state stateregion stateprovince statecode provincestate province region county personstate contactstate leadstate mailingstate mailingstateprovince bundesland provincie provincia estado etat stato wojewodztwo" + //nolint:misspell // Dutch
		" address1region workstate businessstate officestate homestate otherstate billingstate shippingstate companystate companyhqstate accountstate hqstate ipstate ipstateregion ipstatecoderegioncode",
	cityField: "city town citytown locality municipality personcity contactcity leadcity mailingcity ville stadt ort stad plaats woonplaats gemeente ciudad localidad citta cidade miasto" +
		" address1city workcity businesscity officecity homecity othercity billingcity shippingcity companycity companyhqcity accountcity hqcity ipcity",
}

type ranked struct {
	of   whereabout
	rank int
}

var fieldRanks = func() map[string]ranked {
	all := map[string]ranked{}
	for of, names := range fieldNames {
		for i, name := range strings.Fields(names) {
			all[name] = ranked{of, i}
		}
	}
	return all
}()

// whereabouts are the values that the fields have for each, the surest first.
func whereabouts(fields map[string]string) [places][]string {
	type value struct {
		rank      int
		key, text string
	}
	var found [places][]value
	var buffer [longestName]byte
	for key, text := range fields {
		if text == "" {
			continue
		}
		if at, ok := fieldRanks[string(writeFolded(buffer[:0], key))]; ok {
			found[at.of] = append(found[at.of], value{at.rank, key, text})
		}
	}
	var known [places][]string
	for of, values := range found {
		slices.SortFunc(values, func(a, b value) int { return cmp.Or(a.rank-b.rank, strings.Compare(a.key, b.key)) })
		for _, v := range values {
			known[of] = append(known[of], v.text)
		}
	}
	return known
}

// longestName is the longest text in bytes that is compared with a name: none of ours is longer.
const longestName = 100

// folded reduces a name to its letters and digits, lower-cased and without accents, so that
// "Côte d'Ivoire" and "cote d ivoire" are one; empty for a text too long to be a name.
func folded(name string) string {
	var buffer [longestName]byte
	return string(writeFolded(buffer[:0], name))
}

// writeFolded writes the folded name to an empty slice: it is called for each field of a contact.
func writeFolded(to []byte, name string) []byte {
	if len(name) > longestName {
		return to
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c >= utf8.RuneSelf:
			return append(to[:0], foldedUnicode(name)...)
		case c >= 'A' && c <= 'Z':
			to = append(to, c|0x20)
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			to = append(to, c)
		}
	}
	return to
}

// plainLetters are those that no decomposition takes apart.
var plainLetters = strings.NewReplacer("ł", "l", "ø", "o", "ı", "i", "đ", "d", "ß", "ss")

func foldedUnicode(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, plainLetters.Replace(norm.NFKD.String(strings.ToLower(name))))
}
