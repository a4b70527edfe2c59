package pace

import (
	_ "embed" // the table
	"strings"
	"sync"
)

//go:embed tables/places.tsv
var placesTSV string

const (
	// split is the zone of a state in which only the city says it.
	split = "-"
	// anyState is the state of cities that are known without it.
	anyState = "*"
)

// placeKey is a state of a country (city empty), or a city of a state. All folded.
type placeKey struct{ country, state, city string }

// atlas is tables/places.tsv: the ids of states by their names, and the zones.
type atlas struct {
	states map[placeKey]string
	zones  map[placeKey]string
}

var atlasOf = sync.OnceValue(func() atlas {
	all := atlas{map[placeKey]string{}, map[placeKey]string{}}
	for _, row := range rows(placesTSV) {
		country, state, zone := row[0], strings.ToLower(row[1]), row[2]
		for _, entry := range strings.Split(row[3], ";") {
			if state != "" {
				all.zones[placeKey{country, state, folded(entry)}] = zone
				continue
			}
			names := strings.Split(entry, "=")
			id := folded(names[0])
			all.zones[placeKey{country, id, ""}] = zone
			for _, name := range names {
				all.states[placeKey{country, folded(name), ""}] = id
			}
		}
	}
	return all
})

// placeZone is the zone of a state or a city in a country of several; empty when they say none.
func placeZone(country string, states, cities []string) string {
	all := atlasOf()
	for _, text := range states {
		name := folded(text)
		id, ok := all.states[placeKey{country, name, ""}]
		if !ok { // US-CA, as ISO 3166-2 writes it
			id, ok = all.states[placeKey{country, strings.TrimPrefix(name, strings.ToLower(country)), ""}]
		}
		if !ok {
			continue
		}
		for _, city := range cities {
			if zone, ok := all.zones[placeKey{country, id, folded(city)}]; ok {
				return zone
			}
		}
		if zone := all.zones[placeKey{country, id, ""}]; zone != split {
			return zone
		}
		return ""
	}
	for _, city := range cities {
		if zone, ok := all.zones[placeKey{country, anyState, folded(city)}]; ok {
			return zone
		}
	}
	return ""
}
