package pace

import (
	_ "embed" // the tables
	"strings"
	"sync"
)

var (
	//go:embed tables/zones.txt
	zonesTXT string
	//go:embed tables/windows_zones.tsv
	windowsZonesTSV string
)

// knownZones are the IANA names by their lower-case spelling, and those of Windows with the
// IANA zone of each.
var knownZones = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, row := range rows(windowsZonesTSV) {
		all[strings.ToLower(row[0])] = row[1]
	}
	for _, row := range rows(zonesTXT) {
		all[strings.ToLower(row[0])] = row[0]
	}
	return all
})

// ZoneNames are the IANA names of places, and UTC: what a misspelt zone may have meant.
// Zone knows further ones, fixed offsets and abbreviations.
func ZoneNames() []string {
	names := []string{"UTC"}
	for _, row := range rows(zonesTXT) {
		names = append(names, row[0])
	}
	return names
}

// spelledZone undoes how exports spell zones: HubSpot's europe_slash_brussels, and blanks.
var spelledZone = strings.NewReplacer("_slash_", "/", " ", "_")

// zoneNamed is the IANA name of a zone by that name or by Windows' name for it, in any case;
// empty when it is none. "UTC+2", "GMT" and "EST" are none: an offset says nothing of the
// other half of the year.
func zoneNamed(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	if len(text) > longestName {
		return ""
	}
	if zone, ok := knownZones()[text]; ok {
		return zone
	}
	return knownZones()[spelledZone.Replace(text)]
}
