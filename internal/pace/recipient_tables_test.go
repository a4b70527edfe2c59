package pace

import (
	"archive/zip"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every zone that a table names loads, and is one that people may be shown.
func TestEveryZoneOfTheTablesLoads(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, row := range rows(zoneTab) {
		seen[row[2]] = "zone.tab"
	}
	for _, row := range rows(placesTSV) {
		if row[2] != split {
			seen[row[2]] = "places.tsv"
		}
	}
	for _, row := range rows(windowsZonesTSV) {
		seen[row[1]] = "windows_zones.tsv"
		require.Equal(t, row[1], zoneNamed(strings.ToUpper(row[0])), row[0])
	}
	for _, zone := range mainland {
		seen[zone] = "mainland"
	}
	for zone, table := range seen {
		_, err := Zone(zone)
		require.NoError(t, err, table)
		require.Equal(t, zone, zoneNamed(zone), "%s is in %s and not in zones.txt", zone, table)
	}
	require.Greater(t, len(seen), 400)
}

// zones.txt is what this Go ships.
func TestZonesAreThoseOfGo(t *testing.T) {
	t.Parallel()
	root, err := exec.CommandContext(context.Background(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	require.NoError(t, err)
	defer archive.Close()
	var want, got []string
	for _, file := range archive.File {
		if name := file.Name; strings.Contains(name, "/") && !strings.HasSuffix(name, "/") && !strings.HasPrefix(name, "Etc/") {
			want = append(want, name)
		}
	}
	for _, row := range rows(zonesTXT) {
		got = append(got, row[0])
	}
	require.ElementsMatch(t, want, got)
}

// Every country of zone.tab has names, each name means one country, and each resolves.
func TestEveryNameOfACountryResolves(t *testing.T) {
	t.Parallel()
	owner := map[string]string{}
	for _, row := range rows(countriesTSV) {
		require.Len(t, row, 2)
		require.NotEmpty(t, zonesOf()[row[0]], row[0])
		for _, name := range strings.Split(row[1], "|") {
			require.NotEmpty(t, folded(name), row)
			if other, twice := owner[folded(name)]; twice {
				require.Equal(t, other, row[0], "%q means two countries", name)
			}
			owner[folded(name)] = row[0]
			require.Equal(t, row[0], countryNamed(name), name)
		}
	}
	for country := range zonesOf() {
		if country != "NA" {
			require.Equal(t, country, countryNamed(country))
		}
	}
	require.Empty(t, countryNamed("N/A"))
	for country := range mainland {
		require.Greater(t, len(zonesOf()[country]), 1, country)
	}
}

// Every place resolves to the zone of its row, which is one of its country's; no name
// means two places of one country.
func TestEveryPlaceResolves(t *testing.T) {
	t.Parallel()
	seen := map[placeKey]string{}
	ids := map[placeKey]bool{}
	for _, row := range rows(placesTSV) {
		require.Len(t, row, 4, row)
		country, state, zone := row[0], row[1], row[2]
		if zone != split && zone != "America/Puerto_Rico" { // of the US, with a country code of its own
			require.Contains(t, zonesOf()[country], zone)
		}
		for _, entry := range strings.Split(row[3], ";") {
			names := strings.Split(entry, "=")
			if state == "" {
				require.False(t, ids[placeKey{country, folded(names[0]), ""}], "%s has the id %s twice", country, names[0])
				ids[placeKey{country, folded(names[0]), ""}] = true
			}
			for _, name := range names {
				key := placeKey{country, strings.ToLower(state), folded(name)}
				require.NotEmpty(t, key.city, row)
				require.Empty(t, seen[key], "%s is in two rows", name)
				seen[key] = zone
				var got string
				switch state {
				case "":
					got = placeZone(country, []string{name}, nil)
					if zone == split {
						got = split
					}
				case anyState:
					got = placeZone(country, nil, []string{name})
				default:
					require.True(t, ids[placeKey{country, folded(state), ""}], "%s %s is no state above", country, state)
					got = placeZone(country, []string{state}, []string{name})
				}
				require.Equal(t, zone, got, "%s %s %s", country, state, name)
			}
		}
	}
}

// A state that has no row has one only where a country has several clocks at all.
func TestTheTablesAreOfCountriesWithSeveralZones(t *testing.T) {
	t.Parallel()
	for _, row := range rows(placesTSV) {
		require.Greater(t, len(zonesOf()[row[0]]), 1, row[0])
	}
	for of, names := range fieldNames {
		for _, name := range strings.Fields(names) {
			require.Equal(t, name, folded(name))
			require.Equal(t, of, fieldRanks[name].of, "%s is in two lists", name)
		}
	}
}
