package pace

import (
	_ "embed" // the tables
	"strings"
	"sync"
	"time"
)

var (
	//go:embed tables/zone.tab
	zoneTab string
	//go:embed tables/countries.tsv
	countriesTSV string
)

// rows are the lines of a table that are neither empty nor a comment, in columns.
func rows(table string) [][]string {
	var all [][]string
	for line := range strings.Lines(table) {
		line = strings.TrimRight(line, "\n")
		if line != "" && line[0] != '#' {
			all = append(all, strings.Split(line, "\t"))
		}
	}
	return all
}

// zonesOf are the zones of each country, as IANA's zone.tab has them. Its successor,
// zone1970.tab, has the same clocks, but Brussels for Amsterdam: a zone is shown to people.
var zonesOf = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{}
	for _, row := range rows(zoneTab) {
		all[row[0]] = append(all[row[0]], row[2])
	}
	return all
})

// mainland is the zone of countries whose others are islands, outposts or a disputed part:
// nearly everybody lives by it. Who is known to live there (tables/places.tsv) does not.
var mainland = map[string]string{
	"CL": "America/Santiago", "CN": "Asia/Shanghai", "EC": "America/Guayaquil", "ES": "Europe/Madrid",
	"GL": "America/Nuuk", "NZ": "Pacific/Auckland", "PF": "Pacific/Tahiti", "PG": "Pacific/Port_Moresby",
	"PT": "Europe/Lisbon", "UA": "Europe/Kyiv", "UZ": "Asia/Tashkent",
}

// countryZone is the zone of a country, by its ISO 3166 code: of one that has a single zone,
// or several with one clock now and in a week. Empty for all others.
func countryZone(country string, now time.Time) string {
	if zone, ok := mainland[country]; ok {
		return zone
	}
	zones := zonesOf()[country]
	if len(zones) == 0 || !oneClock(zones, now) {
		return ""
	}
	return zones[0]
}

// oneClock is true when the clocks of all the zones show the same, now and in a week: they
// may differ after a change of the clock that is nearer than any wait.
func oneClock(zones []string, now time.Time) bool {
	var first [2]int
	for i, name := range zones {
		zone, err := Zone(name)
		if err != nil {
			return false
		}
		for at, t := range [2]time.Time{now, now.AddDate(0, 0, 7)} {
			_, offset := t.In(zone).Zone()
			if i == 0 {
				first[at] = offset
			} else if offset != first[at] {
				return false
			}
		}
	}
	return true
}

var countryNames = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, row := range rows(countriesTSV) {
		all[strings.ToLower(row[0])] = row[0]
		for _, name := range strings.Split(row[1], "|") {
			all[folded(name)] = row[0]
		}
	}
	return all
})

// countryNamed is the code of a country by its code of two or three letters or by one of its
// names; empty when it is none. NA is Namibia's, and what people write for nothing.
func countryNamed(text string) string {
	name := folded(text)
	if name == "na" {
		return ""
	}
	if code, ok := countryNames()[name]; ok {
		return code
	}
	return countryNames()[strings.TrimPrefix(name, "the")]
}
