package pace

import (
	_ "embed"
	"strings"
)

//go:embed zones.txt
var zoneNames string

// ZoneNames are the IANA names of places, and UTC: what a misspelt zone may have meant.
// Zone knows further ones, older names and fixed offsets.
func ZoneNames() []string { return strings.Fields(zoneNames) }
