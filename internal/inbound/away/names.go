package away

import (
	"slices"
	"sort"
	"strings"
	"time"
)

// monthNames and weekdayNames are written without marks. Abbreviations that are common
// words of another language are left out ("out" and "set" of Portuguese).
var monthNames = [12]string{
	"january jan januar janner jaenner janvier janv enero ene gennaio gen januari janeiro",
	"february feb februar feber fevrier fevr fev febrero febbraio februari fevereiro",
	"march mar marz maerz mrz mars marzo maart mrt marco",
	"april apr avril avr abril abr aprile",
	"may mai mayo maggio mag mei maio maj",
	"june jun juni juin junio giugno giu junho",
	"july jul juli juillet juil julio luglio lug julho",
	"august aug aout agosto ago augustus augusti",
	"september sep sept septembre septiembre setiembre settembre setembro",
	"october oct oktober okt octobre octubre ottobre ott outubro",
	"november nov novembre noviembre novembro",
	"december dec dezember dez decembre diciembre dic dicembre dezembro",
}

var weekdayNames = [7]string{
	"sunday sun sonntag dimanche domingo domenica zondag sondag",
	"monday mon montag mo lundi lunes lunedi maandag segunda-feira segunda mandag mandagen",
	"tuesday tue tues dienstag di mardi martes martedi dinsdag terca-feira terca tisdag tisdagen",
	"wednesday wed mittwoch mi mercredi miercoles mercoledi woensdag quarta-feira quarta onsdag onsdagen",
	"thursday thu thur thurs donnerstag do jeudi jueves giovedi donderdag quinta-feira quinta torsdag torsdagen",
	"friday fri freitag fr vendredi viernes venerdi vrijdag sexta-feira sexta fredag fredagen",
	"saturday sat samstag sonnabend sa samedi sabado sabato zaterdag lordag",
}

// shortWeekdays are names that are words of their own; they count before a date only.
var shortWeekdays = strings.Fields("sun mon mo di mi do fr sa sat wed segunda terca quarta quinta sexta")

var numberWords = map[string]int{
	"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10, "couple of": 2,
	"ein": 1, "eine": 1, "einem": 1, "einer": 1, "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6, "acht": 8, "zehn": 10,
	"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "huit": 8, "dix": 10, "quinze": 15,
	"una": 1, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "due": 2, "tre": 3, "quattro": 4, "cinque": 5,
	"een": 1, "twee": 2, "drie": 3, "vijf": 5, "um": 1, "uma": 1, "dois": 2, "duas": 2, "en": 1, "tva": 2,
}

func months() map[string]time.Month {
	m := map[string]time.Month{}
	for i, names := range monthNames {
		for n := range strings.FieldsSeq(names) {
			m[n] = time.Month(i + 1)
		}
	}
	return m
}

func weekdays() map[string]time.Weekday {
	m := map[string]time.Weekday{}
	for i, names := range weekdayNames {
		for n := range strings.FieldsSeq(names) {
			m[n] = time.Weekday(i)
		}
	}
	return m
}

// alternatives are names as an expression, the longest first.
func alternatives[V any](names map[string]V, except ...string) string {
	var all []string
	for n := range names {
		if !slices.Contains(except, n) {
			all = append(all, n)
		}
	}
	sort.Slice(all, func(i, j int) bool {
		if len(all[i]) != len(all[j]) {
			return len(all[i]) > len(all[j])
		}
		return all[i] < all[j]
	})
	return strings.Join(all, "|")
}
