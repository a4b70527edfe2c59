package pace

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
)

// Holidays are the days on which nothing leaves: those of a country, and own ones.
type Holidays struct {
	// Country is an ISO 3166 code of two letters, or empty.
	Country string `json:"country,omitempty"`
	// Add are further ones, Remove are days of the country that are none here.
	Add    []Date `json:"add,omitempty"`
	Remove []Date `json:"remove,omitempty"`
}

// Check is nil when the country is known; its error lists those that are.
func (h Holidays) Check() error {
	if _, known := publicHolidays[h.Country]; h.Country != "" && !known {
		return fmt.Errorf("the holidays of %q are not known; known are %s; any day can be added by its date",
			h.Country, strings.Join(slices.Sorted(maps.Keys(publicHolidays)), ", "))
	}
	return nil
}

// Has is true for a day on which nothing leaves.
func (h Holidays) Has(day Date) bool {
	switch {
	case slices.Contains(h.Add, day):
		return true
	case h.Country == "" || slices.Contains(h.Remove, day):
		return false
	}
	_, is := holidaysOf(h.Country, day.Year)[day]
	return is
}

// Name is what the day is called in its country; empty for an own day, and for one that
// is no holiday.
func (h Holidays) Name(day Date) string {
	if h.Country == "" || slices.Contains(h.Remove, day) {
		return ""
	}
	return holidaysOf(h.Country, day.Year)[day]
}

type countryYear struct {
	country string
	year    int
}

// holidayNames keeps the days of a countryYear with their names: the rules of a country
// take longer than all else that is asked of a day.
var holidayNames sync.Map

func holidaysOf(country string, year int) map[Date]string {
	key := countryYear{country, year}
	if kept, ok := holidayNames.Load(key); ok {
		if days, ok := kept.(map[Date]string); ok {
			return days
		}
	}
	days := map[Date]string{}
	for _, holiday := range publicHolidays[country] {
		if holiday.Type == cal.ObservanceReligious || holiday.Type == cal.ObservanceOther {
			continue
		}
		// A holiday of the first days of January may be observed in December.
		for _, of := range []int{year, year + 1} {
			actual, observed := holiday.Calc(of)
			for _, day := range []time.Time{actual, observed} {
				if !day.IsZero() && day.Year() == year {
					days[DateOf(day)] = holiday.Name
				}
			}
		}
	}
	holidayNames.Store(key, days)
	return days
}

// none is true when no day is a holiday.
func (h Holidays) none() bool { return h.Country == "" && len(h.Add) == 0 }

func (h Holidays) equal(other Holidays) bool {
	return h.Country == other.Country && slices.Equal(h.Add, other.Add) && slices.Equal(h.Remove, other.Remove)
}
